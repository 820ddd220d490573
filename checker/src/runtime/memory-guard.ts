// What the kernel of a small machine would do to a program that takes all its memory, before this computer suffers.

import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { RunningMachine } from './machine.ts';
import { withDescendants } from './process-tree.ts';

const mebibyte = 1024 * 1024;

/** What the programs of one machine may use together. Nothing of the workshop needs a tenth of it. */
export const memoryLimitBytes = Math.min(1024 * mebibyte, Math.floor(totalmem() / 4));

const everyMs = 100;
/** Children are looked for less often than what is known of is weighed. */
const familyEvery = 5;
const pageBytes = 4096;

/** Ends the Node programs of machines that use more than they may. Linux only: elsewhere nothing tells cheaply enough. */
export class MemoryGuard {
  readonly #machines: Iterable<RunningMachine>;
  readonly #timer: NodeJS.Timeout | undefined;
  #families = new Map<number, number[]>();
  #looks = 0;

  constructor(machines: Iterable<RunningMachine>) {
    this.#machines = machines;
    if (process.platform !== 'linux') return;
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#looks % familyEvery === 0) this.#families.clear();
    this.#looks += 1;
    for (const { services } of this.#machines) {
      for (const { description, process: program } of services) {
        if (description.kind === 'postgres' || !program || program.exit) continue;
        const family = this.#families.get(program.pid) ?? withDescendants([program.pid]);
        this.#families.set(program.pid, family);
        const usedBytes = family.reduce((sum, pid) => sum + residentBytes(pid), 0);
        if (usedBytes > memoryLimitBytes) program.end(`used more than ${Math.round(memoryLimitBytes / mebibyte)} MB of memory and was ended`);
      }
    }
  }
}

/** What of a process is in memory; 0 when it is gone. See statm in proc(5). */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * pageBytes;
  } catch {
    return 0;
  }
}
