// What the kernel of a small machine would do to a program that takes all its memory, before this computer suffers.

import { totalmem } from 'node:os';
import type { RunningMachine } from './machine.ts';
import { ownBytes } from './memory.ts';
import { withDescendants } from './process-tree.ts';

const mebibyte = 1024 * 1024;

/** What the programs of one machine may use together. Nothing of the workshop needs a tenth of it. */
export const memoryLimitBytes = Math.min(1024 * mebibyte, Math.floor(availableBytes() / 4));

const everyMs = 100;
/** Children are looked for less often than what is known of is weighed. */
const familyEvery = 5;

/** Ends the Node programs of machines that use more than they may. Linux only: elsewhere nothing tells cheaply enough. */
export class MemoryGuard {
  readonly #machines: readonly RunningMachine[];
  readonly #timer: NodeJS.Timeout | undefined;
  #families = new Map<RunningMachine, number[]>();
  #looks = 0;

  constructor(machines: readonly RunningMachine[]) {
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
    for (const machine of this.#machines) {
      const programs = machine.services.flatMap(({ description, process: program }) => (description.kind === 'postgres' || !program || program.exit ? [] : [program]));
      if (programs.length === 0) continue;
      const family = this.#families.get(machine) ?? withDescendants(programs.flatMap(({ pid }) => pid ?? []));
      this.#families.set(machine, family);
      const usedBytes = family.reduce((sum, pid) => sum + ownBytes(pid), 0);
      if (usedBytes <= memoryLimitBytes) continue;
      for (const program of programs) program.end(`used more than ${Math.round(memoryLimitBytes / mebibyte)} MB of memory and was ended`);
    }
  }
}

/** Of the computer, or of the container that we are in. */
function availableBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
