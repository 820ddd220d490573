// How much memory processes use.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What a process has in memory for itself, in bytes: what it read from files, and what the workers of a cluster share, is
 * not counted. 0 when it is gone. Linux only (see `status` in proc(5)); elsewhere 0.
 */
export function ownBytes(pid: number): number {
  try {
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** What processes have in memory together, in bytes: their own on Linux, elsewhere all of it, so that only its growth tells. */
export function bytesOf(pids: readonly number[]): number {
  if (process.platform === 'linux' || pids.length === 0) return pids.reduce((sum, pid) => sum + ownBytes(pid), 0);
  try {
    const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8' }).trim().split('\n');
    return kilobytes.reduce((sum, value) => sum + Number(value) * 1024, 0);
  } catch {
    // ps has nothing to say of processes that are gone.
    return 0;
  }
}
