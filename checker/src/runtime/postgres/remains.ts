// What a Postgres that was killed leaves outside its folder. A server that ends in order removes both itself.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

interface Remains {
  pid: number;
  /** The System V segment that guards the data directory against a second server. */
  segment: string | undefined;
}

/**
 * Removes the shared memory of the killed servers whose data is below a folder. Each wrote its number on the
 * seventh line of its `postmaster.pid`: key, then identifier.
 */
export function removeSharedMemory(folder: string): void {
  for (const { segment } of postgresRemains(folder)) {
    if (segment === undefined) continue;
    try {
      execFileSync('ipcrm', ['-m', segment], { stdio: 'ignore' });
    } catch {
      // Gone already, or this system has no ipcrm: 56 bytes stay until the next start of the computer.
    }
  }
}

/** The servers that were not able to remove their `postmaster.pid`. */
export function postgresRemains(folder: string): Remains[] {
  return files(folder).flatMap((file) => {
    const lines = read(path.join(folder, file)).split('\n');
    const pid = Number(lines[0]);
    return pid > 0 ? [{ pid, segment: lines[6]?.trim().split(/\s+/)[1] }] : [];
  });
}

function files(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => path.basename(file) === 'postmaster.pid');
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
