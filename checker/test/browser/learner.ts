// Somebody who works through the workshop: what came of their exercises.

import type { Outcome } from '../../src/run/outcome.ts';
import type { Exercise } from '../../src/stack/step.ts';
import { allSteps, noteOutcome, sayRunning } from './pages.ts';

export const firstStep = '/steps/01-single-machine';

type Judged = Exclude<Outcome, { verdict: 'fault' }>;

export const passed: Judged = { verdict: 'passed', ms: 900 };

export const notRun: Judged = {
  verdict: 'not run',
  ms: 12,
  reason: 'The computer was too busy to judge a time fairly.',
  remedy: 'Close what uses the processor and check again.',
};

/** What was seen is markup, and text without an end. */
export const failed: Judged = {
  verdict: 'failed',
  ms: 400,
  finding: {
    kind: 'wrong answer',
    machine: 'server',
    place: 'src/photos.ts:41',
    did: 'Ada posted small.webp and looked at it',
    saw: `</script><img src=x onerror="document.title='taken over'"> ${'x'.repeat(200)}`,
    expected: 'content-type: image/webp,\nwhich is what the bytes are',
    why: 'A browser that is told a wrong type shows nothing.',
    timeline: {
      columnMs: 250,
      fromMs: 1_000,
      rows: [
        { name: 'api-1', cells: 'o'.repeat(60) },
        { name: 'api-2', cells: `${'o'.repeat(20)}${'.'.repeat(40)}` },
        { name: 'no answer', cells: `${'.'.repeat(20)}xx${'.'.repeat(38)}` },
      ],
      marks: [{ atMs: 6_000, letter: 'a', what: 'api-2 killed' }],
      legend: '. nothing, o answered, x some failed',
    },
    log: [{ machine: 'server', lines: Array.from({ length: 40 }, (_, index) => `GET /images/${index}.png 200 ${'with a long line '.repeat(9)}`) }],
  },
};

const steps = await allSteps();

/** The core exercises of the first so many steps. */
export function coreOf(count = steps.length): string[] {
  return exercises(count).filter(({ kind }) => kind === 'core').map(({ slug }) => slug);
}

export function exercise(slug: string): Exercise {
  const found = exercises().find((one) => one.slug === slug);
  if (!found) throw new Error(`No step has an exercise ${slug}.`);
  return found;
}

export function note(slug: string, outcome: Judged): Promise<void> {
  return noteOutcome(stepOf(slug), exercise(slug), outcome);
}

/** As if an earlier version of the check had passed it. */
export function notePassedBefore(slug: string): Promise<void> {
  return noteOutcome(stepOf(slug), { ...exercise(slug), version: 0 }, passed);
}

/** Begins to judge it. */
export function judge(slug: string): void {
  sayRunning({ step: stepOf(slug), slug });
}

/** Ends judging, with a verdict or without. */
export function stopJudging(): void {
  sayRunning(undefined);
}

function exercises(count = steps.length): Exercise[] {
  return steps.slice(0, count).flatMap(({ step }) => step.exercises);
}

function stepOf(slug: string): string {
  return steps.find(({ step }) => step.exercises.some((one) => one.slug === slug))?.name ?? '';
}
