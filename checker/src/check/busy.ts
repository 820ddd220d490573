// How busy this computer is, by two witnesses who are not judged here. A thread of its own: late timers and slow work there are
// nobody's fault. And the processors: what goes to others. It turns a verdict of "too slow" into "not run", and never the
// other way round.

import { Worker } from 'node:worker_threads';
import type { OthersCpu } from '../runtime/others-cpu.ts';

/** Of all processors: more for others, and what is judged here has to wait for its turn. */
const muchForOthers = 0.5;
const everyMs = 50;
const kept = 400;

/** A sample is slow when its timer was late, or its fixed piece of work took several times its best. */
const program = `
  const { workerData } = require('node:worker_threads');
  const samples = new Float64Array(workerData);
  let best = Infinity, at = 0, due = performance.now() + ${everyMs};
  setInterval(() => {
    const now = performance.now();
    let x = 1;
    for (let i = 0; i < 200000; i += 1) x = (x * 31 + i) | 0;
    const cost = performance.now() - now;
    best = Math.min(best, cost);
    const slow = now - due > 60 || cost > best * 4 + 1;
    samples[at * 2] = performance.timeOrigin + now;
    samples[at * 2 + 1] = slow ? 1 : 0;
    at = (at + 1) % ${kept};
    due = now + ${everyMs};
  }, ${everyMs});
`;

export class BusyMeter {
  readonly #samples = new Float64Array(new SharedArrayBuffer(kept * 2 * 8));
  readonly #worker: Worker;
  readonly #others: OthersCpu | undefined;

  /** @param others the second witness; closed with this */
  constructor(others?: OthersCpu) {
    this.#others = others;
    this.#worker = new Worker(program, { eval: true, workerData: this.#samples.buffer });
    this.#worker.unref();
  }

  /** Whether the computer had little time to spare in the last while. */
  wasBusy(lastMs = 10_000): boolean {
    if (this.#others && this.#others.share(lastMs) > muchForOthers) return true;
    const since = performance.timeOrigin + performance.now() - lastMs;
    let samples = 0;
    let slow = 0;
    for (let at = 0; at < kept; at += 1) {
      if (this.#samples[at * 2]! < since) continue;
      samples += 1;
      slow += this.#samples[at * 2 + 1]!;
    }
    return samples > 0 && slow / samples > 0.2;
  }

  async close(): Promise<void> {
    this.#others?.close();
    await this.#worker.terminate();
  }
}
