// What hurts at a step's number of users, made to happen and told as a timeline.

import type { Scene } from './exercise.ts';
import type { Timeline } from './timeline.ts';

export interface PainScene extends Scene {
  /** Says what happens: printed at once, with the time since the beginning. */
  tell: (what: string) => void;
  /** Says how a crowd fared, and draws it: `What sixty people saw:` */
  show: (what: string, timeline: Timeline) => void;
}

export type Pain = (scene: PainScene) => Promise<void>;

/** Marks a function as the pain of a step, `check/pain.ts`. */
export function pain(show: Pain): Pain {
  return show;
}
