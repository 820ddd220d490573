// Programs that do the same, measured in one run.
//
// On a small computer, a program, its crowd and its origin share the cores, so that the plain rate says as much of the others as of
// the program. "On one core" is therefore what it does with a second of processor time; the kernel counts it.

import type { Arena, Asking, Running } from './arena.ts';
import { median } from '../measure.ts';
import { processorSeconds } from './processor.ts';

const rounds = 5;
const connections = 30;
const seconds = 3;

export interface Measured {
  /** Requests a second, as many as go. */
  rate: number;
  /** Requests in a second of the program's processor time. */
  perCore: number;
  /** 99 of 100 answers come within this, at half of its rate. */
  p99Ms: number;
}

/** What each did in each round. @throws Error when a request failed: then nothing was measured */
export async function measureRivals(arena: Arena, rivals: readonly Running[], asking: Asking): Promise<Measured[][]> {
  const measured: Measured[][] = rivals.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    // One after the other and again: whatever else the computer does meets all of them.
    for (const [index, rival] of rivals.entries()) measured[index]?.push(await measure(arena, rival, asking));
  }
  return measured;
}

async function measure(arena: Arena, rival: Running, asking: Asking): Promise<Measured> {
  const before = processorSeconds(rival);
  const saturated = await arena.crowd(rival.port, asking, connections, seconds);
  const perCore = saturated.done / (processorSeconds(rival) - before);
  const rate = saturated.counted / seconds;
  const halved = await arena.crowd(rival.port, asking, connections, seconds, rate / 2);
  const failed = saturated.failed + halved.failed;
  if (failed > 0) throw new Error(`${failed} requests failed on port ${rival.port}.`);
  return { rate, perCore, p99Ms: halved.p99Ms };
}

/** The medians of one number, ours and theirs, and what ours is in terms of theirs. */
export function compare(ours: readonly Measured[], theirs: readonly Measured[], what: keyof Measured, digits = 0): { ratio: string; values: string } {
  const [mine, others] = [ours, theirs].map((runs) => median(runs.map((run) => run[what]))) as [number, number];
  return { ratio: (mine / others).toFixed(2), values: `${mine.toFixed(digits)} and ${others.toFixed(digits)}` };
}

/** Requests on one core, as text for a row of results. */
export function rates(ours: readonly Measured[], theirs: readonly Measured[]): string {
  const { ratio, values } = compare(ours, theirs, 'perCore');
  return `${ratio} (${values}; plain rates ${compare(ours, theirs, 'rate').values})`;
}
