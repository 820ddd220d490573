// What a Postgres that was killed leaves outside its folder. A server that ends in order removes both itself.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { isAlive, nameOf } from '../process-tree.ts';

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
    if (segment !== undefined) removeSegment(segment);
  }
}

/**
 * Removes the shared memory of servers that were killed between making it and writing down which it is. Linux alone
 * tells who made what; elsewhere 56 bytes stay until the next start of the computer.
 * @param pids of processes that are gone by now
 */
export function removeUnnotedSharedMemory(pids: readonly number[]): void {
  const made = new Set(pids.map(String));
  // proc_sysvipc_shm(5): key, shmid, perms, size, cpid (who made it), lpid, nattch (how many use it), …
  for (const line of read('/proc/sysvipc/shm').split('\n').slice(1)) {
    const [, segment, , , maker = '', , users] = line.trim().split(/\s+/);
    if (segment !== undefined && made.has(maker) && users === '0') removeSegment(segment);
  }
}

function removeSegment(id: string): void {
  try {
    execFileSync('ipcrm', ['-m', id], { stdio: 'ignore' });
  } catch {
    // Gone already, or this system has no ipcrm: 56 bytes stay until the next start of the computer.
  }
}

/**
 * Makes way for a new server where one was killed. Postgres does so by itself, unless the old one's number is still
 * taken: by a process that nobody has collected, as in containers without an init, or by another since a restart.
 */
export function removeStaleLock(data: string): void {
  const [killed] = postgresRemains(data);
  if (!killed || isServer(killed.pid)) return;
  removeSharedMemory(data);
  rmSync(path.join(data, 'postmaster.pid'), { force: true });
  // Its socket, beside the data, has a lock of its own.
  const beside = path.dirname(data);
  for (const { name } of entriesOf(beside)) if (/^\.s\.PGSQL\.\d+\.lock$/.test(name)) rmSync(path.join(beside, name));
}

/** Whether a process is a Postgres that runs: its number may be somebody else's by now. */
export function isServer(pid: number): boolean {
  return isAlive(pid) && (nameOf(pid) ?? 'postgres') === 'postgres';
}

/** The servers that were not able to remove their `postmaster.pid`. */
export function postgresRemains(folder: string): Remains[] {
  return files(folder).flatMap((file) => {
    const lines = read(file).split('\n');
    const pid = Number(lines[0]);
    // In a container a server has the number 1, and its shared memory went with the container.
    return pid > 1 ? [{ pid, segment: lines[6]?.trim().split(/\s+/)[1] }] : [];
  });
}

/** Where nobody has a data directory: copies of a step, and the packages that they link to. */
const passedOver = new Set(['node_modules', 'files', 'tmp']);

/** The `postmaster.pid` files below a folder, whatever appears and disappears there meanwhile. */
function files(folder: string): string[] {
  const entries = entriesOf(folder);
  if (entries.some(({ name }) => name === 'PG_VERSION')) return [path.join(folder, 'postmaster.pid')];
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !passedOver.has(entry.name))
    .flatMap(({ name }) => files(path.join(folder, name)));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
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
