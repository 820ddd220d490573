// Machines that are started before anybody asks for them: people wait less, and nothing else changes.

import { isDeepStrictEqual } from 'node:util';
import { RunningStack, type StackOptions, type StepFiles } from '../runtime/index.ts';
import type { StackDescription } from '../stack/description.ts';

interface Spare {
  stepFolder: string;
  starting: Promise<RunningStack>;
}

export class Ahead {
  /** Whole stacks, for the exercise that comes next. */
  #spare: Spare | undefined;
  /** Stacks of which only the databases run, for when the learner's code has changed. */
  #warm: (Spare & { description: StackDescription }) | undefined;
  readonly #stopping = new Set<Promise<unknown>>();

  /** Starts a whole stack, unless there is one. */
  start(stepFolder: string, start: () => Promise<RunningStack>): void {
    if (this.#spare) return;
    this.#spare = quiet({ stepFolder, starting: start() });
  }

  get isWarm(): boolean {
    return this.#warm !== undefined;
  }

  /** Starts what needs none of the learner's code, in the place of what is there. */
  warm(stepFolder: string, description: StackDescription, options: StackOptions): void {
    if (this.#warm) this.#stop(this.#warm);
    this.#warm = quiet({ stepFolder, description, starting: RunningStack.warm(description, options) });
  }

  /** The stack that was started for this folder; undefined when there is none. @throws what its start threw */
  take(stepFolder: string): Promise<RunningStack> | undefined {
    const spare = this.#spare;
    if (spare?.stepFolder !== stepFolder) return undefined;
    this.#spare = undefined;
    return spare.starting;
  }

  /** A warm stack completed with these files; undefined when there is none that is described like this. @throws as RunningStack.start */
  async takeWarm(stepFolder: string, description: StackDescription, files: StepFiles): Promise<RunningStack | undefined> {
    const warm = this.#warm;
    this.#warm = undefined;
    const stack = await warm?.starting.catch(() => undefined);
    if (!warm || !stack) return undefined;
    if (warm.stepFolder !== stepFolder || !isDeepStrictEqual(warm.description, description)) {
      this.#stop(warm);
      return undefined;
    }
    await stack.complete(files);
    return stack;
  }

  /** The files of this folder have changed: a whole stack runs code that is old. */
  forget(stepFolder: string): void {
    if (this.#spare?.stepFolder !== stepFolder) return;
    this.#stop(this.#spare);
    this.#spare = undefined;
  }

  /** Waits until nothing is being started. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#spare?.starting, this.#warm?.starting]);
  }

  /** Stops everything, and waits until it is gone. */
  async close(): Promise<void> {
    for (const spare of [this.#spare, this.#warm]) if (spare) this.#stop(spare);
    await Promise.all(this.#stopping);
  }

  #stop({ starting }: Spare): void {
    const stopping: Promise<unknown> = starting.then((stack) => stack.stop(), () => undefined).finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }
}

/** Whoever takes it hears of its failure; nobody may. */
function quiet<Some extends Spare>(spare: Some): Some {
  spare.starting.catch(() => undefined);
  return spare;
}
