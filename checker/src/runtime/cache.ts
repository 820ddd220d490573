// What is worth keeping between runs and can be made anew at any time. It goes with `rm -rf node_modules`.

import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const user = process.getuid?.() ?? 0;

/** A folder that an unprivileged user can reach too: Postgres refuses to run as root. */
export function cacheFolder(): string {
  const beside = path.join(repository, 'node_modules', '.cache', 'graminsta');
  const isRoot = user === 0;
  const folder = writable(repository) && (!isRoot || othersReach(repository)) ? beside : `/var/tmp/graminsta-cache-${user}`;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (process.getuid && statSync(folder).uid !== user) {
    throw new Error(`${folder} belongs to another user. Remove it, or have it removed.`);
  }
  return folder;
}

/** Whether somebody without special rights may read below this path. */
export function othersReach(target: string): boolean {
  const executableByOthers = 0o001;
  for (let folder = target; ; folder = path.dirname(folder)) {
    if ((statSync(folder).mode & executableByOthers) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
