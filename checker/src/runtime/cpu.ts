// How much time of a processor processes have used.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What `/proc` counts in: a hundredth of a second, on every Linux that Node.js runs on (`USER_HZ`, see time(7)). */
const tickMs = 10;

/**
 * What these processes have used since they began, in milliseconds of one processor; on Linux also what children of theirs
 * used that are gone. Of a process that is gone itself nothing is known.
 */
export function cpuMsOf(pids: readonly number[]): number {
  if (process.platform === 'linux') return pids.reduce((sum, pid) => sum + ticksOf(pid) * tickMs, 0);
  if (pids.length === 0) return 0;
  try {
    const times = execFileSync('ps', ['-o', 'time=', '-p', pids.join(',')], { encoding: 'utf8' }).trim().split('\n');
    return times.reduce((sum, time) => sum + msOfTime(time), 0);
  } catch {
    // ps has nothing to say of processes that are gone.
    return 0;
  }
}

/** In user mode and in the kernel, its own and of children it has waited for: fields 14 to 17 of `stat` in proc(5). */
function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may contain spaces and parentheses; what follows the last one does not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  } catch {
    return 0;
  }
}

/** `1:02.50` is 62,500; ps of other systems may leave out the hundredths, and put hours or days (`2-`) in front. */
export function msOfTime(time: string): number {
  const [, days = '0', clock = ''] = /^(?:(\d+)-)?([\d:.]+)$/.exec(time.trim()) ?? [];
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 24 * 60 * 60 + seconds) * 1_000);
}
