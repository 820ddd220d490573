// What a command and the process that judges say to each other.

import type { Step } from '../stack/step.ts';
import type { Outcome } from './outcome.ts';

/** The argument of a judge whose machines are containers, all of them. */
export const onDocker = 'on-docker';

/** Exercises to judge, in the order of their step. */
export interface Judging {
  step: Step;
  /** The folder that is judged. */
  stepFolder: string;
  /** The folder with the checks, compiled. */
  checkFolder: string;
  /** Which exercises, by slug. */
  slugs: string[];
  /** Goes on after a core exercise that did not pass. */
  all: boolean;
  /** They will be judged again, with other files: what is theirs in no way is started ahead. */
  again: boolean;
}

/** What a judge is told. The files of the step may be others than the last time. */
export type Order = { kind: 'judge'; id: number; judging: Judging } | { kind: 'abandon' } | { kind: 'close' };

/** What a judge tells; `id` is the order's. */
export type News =
  | { kind: 'started'; id: number; slug: string }
  | { kind: 'judged'; id: number; slug: string; outcome: Outcome }
  | { kind: 'done'; id: number };
