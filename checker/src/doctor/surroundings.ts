// The computer that is looked at: this one, or one that a test made up.

import { arch, homedir, hostname, userInfo } from 'node:os';
import { keptFolder } from '../run/kept/kept-file.ts';
import { repository } from '../run/repository.ts';
import { cacheFolder } from '../runtime/cache.ts';
import { bases } from '../runtime/run-remains.ts';
import { discretion } from './discretion.ts';

export interface Surroundings {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  arch: string;
  /** Of Node: `20.19.0`. */
  nodeVersion: string;
  user: number;
  repository: string;
  /** Where progress is kept. */
  kept: string;
  /** Where run directories may lie. */
  bases: readonly string[];
  /** `/`, below which the system describes itself. */
  root: string;
  /** Finds the folder for what is kept between runs. @throws Error when it belongs to somebody else. */
  cacheFolder: () => string;
  /** Takes out of a text from outside what is nobody else's business. */
  discreet: (text: string) => string;
}

export function thisComputer(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const account = ownAccount();
  return {
    env,
    platform: process.platform,
    arch: arch(),
    nodeVersion: process.versions.node,
    user: process.getuid?.() ?? 0,
    repository,
    kept: keptFolder,
    bases,
    root: '/',
    cacheFolder,
    discreet: discretion({
      repository,
      homes: [homedir(), account?.homedir, env['HOME']],
      users: [account?.username, env['USER'], env['LOGNAME'], env['SUDO_USER']],
      hosts: [hostname()],
    }),
  };
}

/** In a container the user may have a number and no entry in /etc/passwd. */
function ownAccount(): { username: string; homedir: string } | undefined {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}
