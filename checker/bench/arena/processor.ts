// How much of a processor a program has used, with everything that it started.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { withDescendants } from '../../src/runtime/process-tree.ts';
import type { Running } from './arena.ts';

const ticksPerSecond = existsSync('/proc/self/stat') ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : NaN;

/** Processor time so far, in user and kernel mode. See proc(5). Linux only; elsewhere NaN. */
export function processorSeconds({ child }: Running): number {
  if (Number.isNaN(ticksPerSecond) || child.pid === undefined) return NaN;
  return withDescendants([child.pid]).reduce((sum, pid) => sum + ticksOf(pid), 0) / ticksPerSecond;
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
