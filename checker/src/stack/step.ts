// What a step is: the one source that the checker, the docs and the step's README read.

import type { Entrance } from './description.ts';

/** An exercise as its step declares it. Its check is `check/<slug>.check.ts`. */
export interface ExerciseDeclaration {
  /** Names the exercise for good: progress is kept under it. Numbers may shift, slugs do not. */
  slug: string;
  title: string;
  kind: 'core' | 'extra';
  /** How long it takes someone who meets the idea for the first time. */
  minutes: number;
  /** Where the learner's work will be, relative to the step's folder. */
  files: string[];
  /** A nudge, an idea, the way. */
  hints: [nudge: string, idea: string, way: string];
  /** What is judged, a sentence each: printed in the docs under "What is checked". */
  checked: string[];
  /** Earlier exercises, by slug, without which this one cannot be judged: there is no feed without photos. */
  buildsOn?: string[];
  /** Raised when a check becomes stricter, so that an old pass is not mistaken for a new one. */
  version?: number;
}

export interface Exercise extends ExerciseDeclaration {
  /** `2.3`: the third exercise of step 2. */
  number: string;
  version: number;
  buildsOn: string[];
}

/** What a step's checks rely on; everything that is not named here is the learner's to choose. */
export interface Fixed {
  machines: { name: string; hosts: string }[];
  entrances: { name: string; machine: Entrance; meaning: string }[];
  /** Environment variables that every Node service and program of the step gets while it is checked. */
  variables: { name: string; value?: string; meaning: string }[];
  bounds: string[];
}

export interface StepDeclaration {
  /** 1 to 6. */
  number: number;
  title: string;
  /** How many people use Graminsta by now: `1,000 users`. */
  users: string;
  /** One sentence: what hurts at this size. */
  pain: string;
  fixed: Fixed;
  exercises: ExerciseDeclaration[];
}

export interface Step extends Omit<StepDeclaration, 'exercises'> {
  exercises: Exercise[];
}

/** Declares a step. Numbers its exercises in their order: the first of step 2 is `2.1`. */
export function defineStep(step: StepDeclaration): Step {
  const exercises = step.exercises.map((exercise, index) => ({
    version: 1,
    buildsOn: [],
    ...exercise,
    number: `${step.number}.${index + 1}`,
  }));
  return { ...step, exercises };
}

/** Whether an exercise cannot be judged without another, directly or through what is between them. */
export function standsOn(step: Step, exercise: Exercise, other: string): boolean {
  return exercise.buildsOn.some((slug) => {
    const below = step.exercises.find((candidate) => candidate.slug === slug);
    return slug === other || (below !== undefined && standsOn(step, below, other));
  });
}
