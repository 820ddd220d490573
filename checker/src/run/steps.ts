// The steps of this repository, and what people call them.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { nearest } from '../stack/nearest.ts';
import type { Exercise, Step } from '../stack/step.ts';
import { compiled, repository } from './repository.ts';

export interface StepPlace {
  /** `02-split-db` */
  name: string;
  folder: string;
  step: Step;
}

/** What a command is asked to look at: a step, or one exercise of it. */
export interface Target extends StepPlace {
  exercise?: Exercise;
}

/** Somebody asked for something that is not there, or in a way that no command understands. Exit code 64. */
export class UsageError extends Error {
  override name = 'UsageError';
}

let known: Promise<StepPlace[]> | undefined;

/** Every step that is built, in order. */
export function allSteps(): Promise<StepPlace[]> {
  known ??= findSteps();
  return known;
}

async function findSteps(): Promise<StepPlace[]> {
  const folder = path.join(repository, 'steps');
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'step.ts'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = pathToFileURL(path.join(compiled(), 'steps', name, 'step.js')).href;
      const { default: step } = (await import(file)) as { default: Step };
      return { name, folder: path.join(folder, name), step };
    }),
  );
}

/**
 * Understands `2`, `02`, `02-split-db`, `2.3` and `share-a-pool`.
 * @throws UsageError that suggests what was probably meant.
 */
export async function findTarget(word: string): Promise<Target> {
  const steps = await allSteps();
  for (const place of steps) {
    const number = String(place.step.number);
    if ([number, `0${number}`, place.name, place.name.slice(3), `step-${number}`].includes(word)) return place;
    const asNumber = word.replace(/^0/, '');
    const exercise = place.step.exercises.find((candidate) => candidate.number === asNumber || candidate.slug === word);
    if (exercise) return { ...place, exercise };
  }
  throw new UsageError(notFound(word, steps));
}

function notFound(word: string, steps: readonly StepPlace[]): string {
  const exercises = steps.flatMap(({ step }) => step.exercises);
  const isExercise = /^\d+\.\d+$/.test(word);
  const candidates = isExercise
    ? exercises.map(({ number }) => number)
    : [...steps.map(({ name }) => name), ...steps.map(({ name }) => name.slice(0, 2)), ...exercises.map(({ slug }) => slug)];
  const near = nearest.of(word, candidates);
  const place = steps.find(({ step }) => String(step.number) === word.split('.')[0]);
  const available =
    isExercise && place
      ? `Step ${place.step.number} has ${place.step.exercises[0]?.number} to ${place.step.exercises.at(-1)?.number}.`
      : `Steps are ${steps.map(({ name }) => name).join(', ')}.`;
  return `There is no ${isExercise ? 'exercise' : 'step or exercise'} "${word}"${near === undefined ? '.' : `; did you mean "${near}"?`} ${available}`;
}
