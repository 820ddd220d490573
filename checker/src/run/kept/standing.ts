// How an exercise stands: one of five states, the same in the terminal, on the pages and for programs. Pure.

import type { Exercise, Step } from '../../stack/step.ts';
import { reportOf, type Report } from '../reports/report.ts';
import { hasPassed, type Progress } from './progress.ts';
import type { Running } from './running.ts';

/** `open` is neither: not judged so far, or judged by a check that has become stricter since. */
export type State = 'open' | 'judging' | 'passed' | 'failed' | 'not run';

export interface ExerciseStanding {
  number: string;
  slug: string;
  title: string;
  kind: 'core' | 'extra';
  minutes: number;
  state: State;
  /** When it was judged last, in ISO 8601. */
  at?: string;
  /** How long that took. */
  ms?: number;
  /** True while it is judged anew and had passed before. */
  hadPassed?: true;
  /** True where an earlier version of the check passed it, and the present one has not judged it. */
  checkHasChanged?: true;
  /** Why it is failed or not run. */
  report?: Report;
}

export interface StepStanding {
  name: string;
  number: number;
  title: string;
  users: string;
  exercises: ExerciseStanding[];
}

export interface Place {
  name: string;
  step: Step;
}

/** How every exercise of every step stands. */
export function standings(places: readonly Place[], progress: Progress, running: readonly Running[] = []): StepStanding[] {
  return places.map(({ name, step }) => ({
    name,
    number: step.number,
    title: step.title,
    users: step.users,
    exercises: step.exercises.map((exercise) => standingOf(name, exercise, progress, running)),
  }));
}

function standingOf(step: string, exercise: Exercise, progress: Progress, running: readonly Running[]): ExerciseStanding {
  const { number, slug, title, kind, minutes, version } = exercise;
  const entry = progress[step]?.[slug];
  const isJudged = running.some((other) => other.step === step && other.slug === slug);
  const isOld = entry !== undefined && entry.version !== version;
  const known = entry === undefined || isOld ? 'open' : entry.verdict;
  const report = entry === undefined || isOld || isJudged ? undefined : reportOf(exercise, step, entry);
  return {
    number,
    slug,
    title,
    kind,
    minutes,
    state: isJudged ? 'judging' : known,
    ...(entry && { at: entry.at }),
    ...(entry?.ms !== undefined && { ms: entry.ms }),
    ...(isJudged && known === 'passed' && { hadPassed: true }),
    ...(isOld && entry.verdict === 'passed' && { checkHasChanged: true }),
    ...(report && { report }),
  };
}

/** The step to go on with: the first with a core exercise that has not passed. */
export function firstUnfinished<Some extends Place>(places: readonly Some[], progress: Progress): Some | undefined {
  return places.find(({ name, step }) => step.exercises.some((exercise) => exercise.kind === 'core' && !hasPassed(progress, name, exercise)));
}

/** The exercise to go on with in a step: the first core one that has not passed, then the extras. */
export function firstOpen({ name, step }: Place, progress: Progress): Exercise | undefined {
  const open = step.exercises.filter((exercise) => !hasPassed(progress, name, exercise));
  return open.find(({ kind }) => kind === 'core') ?? open[0];
}

/** Where to go on: the first exercise not passed of the first unfinished step. */
export function nextOf(places: readonly Place[], progress: Progress): { step: string; exercise: string } | null {
  const place = firstUnfinished(places, progress);
  const exercise = place && firstOpen(place, progress);
  return exercise ? { step: place.name, exercise: exercise.slug } : null;
}

export function countPassed({ exercises }: StepStanding): { core: number; coreOf: number; extra: number; extraOf: number } {
  const count = (kind: 'core' | 'extra', passed: boolean): number => exercises.filter((exercise) => exercise.kind === kind && (!passed || exercise.state === 'passed' || exercise.hadPassed)).length;
  return { core: count('core', true), coreOf: count('core', false), extra: count('extra', true), extraOf: count('extra', false) };
}
