// What commands print with `--json`: one document each, described by a schema in docs/static/schemas. A field is never
// taken away or given another meaning within a `format`; others may join. Pure.

import type { Timeline } from '../../check/timeline.ts';
import type { Exercise } from '../../stack/step.ts';
import type { ExerciseStanding, StepStanding } from '../kept/standing.ts';
import type { Outcome } from '../outcome.ts';
import type { StepPlace } from '../steps.ts';
import { reportOf, type Report } from './report.ts';

interface StepName {
  name: string;
  number: number;
  title: string;
}

interface ExerciseName {
  number: string;
  slug: string;
  title: string;
}

/** `check --json`; with `--watch` one of them, on one line, for each run. */
export interface CheckDocument {
  document: 'graminsta.check';
  format: 1;
  step: StepName;
  exercises: (ExerciseName & {
    kind: 'core' | 'extra';
    verdict: Outcome['verdict'];
    ms: number;
    report?: Report;
    /** Of a fault of the checker. */
    error?: string;
  })[];
  summary: { passed: number; failed: number; notRun: number; faults: number };
  /** True when it was ended early. */
  interrupted: boolean;
  /** Why the verdicts could not be kept, where they could not. */
  notKept?: string;
}

export interface ProgressDocument {
  document: 'graminsta.progress';
  format: 1;
  steps: StepStanding[];
  /** Where to go on; null when all core exercises are passed. */
  next: { step: string; exercise: string } | null;
}

export interface HintDocument {
  document: 'graminsta.hint';
  format: 1;
  step: StepName;
  exercise: ExerciseName;
  hints: { level: number; name: string; text: string }[];
  /** How many there are in all. */
  levels: number;
}

export interface SolutionDocument {
  document: 'graminsta.solution';
  format: 1;
  step: StepName;
  exercise?: ExerciseName;
  /** `diff` is in the unified format; empty where nothing differs. Given with --diff only. */
  files: { path: string; diff?: string }[];
}

export interface PainDocument {
  document: 'graminsta.pain';
  format: 1;
  step: StepName;
  /** What was seen, and when, in milliseconds since the beginning. */
  timeline: { ms: number; saw: string; crowd?: Timeline }[];
  verdict: Outcome['verdict'];
  report?: Report;
  error?: string;
}

export function stepName({ name, step: { number, title } }: StepPlace): StepName {
  return { name, number, title };
}

export function exerciseName({ number, slug, title }: Exercise | ExerciseStanding): ExerciseName {
  return { number, slug, title };
}

/** What an outcome comes to in a document. */
export function outcomeFields(exercise: Exercise, stepFolder: string, outcome: Outcome): { verdict: Outcome['verdict']; report?: Report; error?: string } {
  const report = reportOf(exercise, stepFolder, outcome);
  return { verdict: outcome.verdict, ...(report && { report }), ...(outcome.verdict === 'fault' && { error: outcome.error }) };
}

export function checkDocument(
  place: StepPlace,
  outcomes: readonly { exercise: Exercise; outcome: Outcome }[],
  { interrupted, notKept }: { interrupted: boolean; notKept?: string | undefined },
): CheckDocument {
  const count = (verdict: Outcome['verdict']): number => outcomes.filter(({ outcome }) => outcome.verdict === verdict).length;
  return {
    document: 'graminsta.check',
    format: 1,
    step: stepName(place),
    exercises: outcomes.map(({ exercise, outcome }) => ({
      ...exerciseName(exercise),
      kind: exercise.kind,
      ms: outcome.ms,
      ...outcomeFields(exercise, place.name, outcome),
    })),
    summary: { passed: count('passed'), failed: count('failed'), notRun: count('not run'), faults: count('fault') },
    interrupted,
    ...(notKept !== undefined && { notKept }),
  };
}
