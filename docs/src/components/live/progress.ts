// The learner's progress as the page knows it, and what changes from one snapshot to the next. Pure.
import type { Snapshot } from '../../../../checker/src/pages/snapshot.ts';
import type { ExerciseStanding, StepStanding } from '../../../../checker/src/run/kept/standing.ts';

export type Progress = Snapshot;
export type StepProgress = StepStanding;
export type Standing = ExerciseStanding;

export function standingIn({ steps }: Progress, step: string, slug: string): Standing | undefined {
  return steps.find(({ name }) => name === step)?.exercises.find((exercise) => exercise.slug === slug);
}

/**
 * While an exercise is judged, a snapshot says nothing else of it. What the check before said stays on the page until
 * there is a new verdict: somebody may be reading it.
 */
export function carriedOver(before: Progress, after: Snapshot): Progress {
  return {
    ...after,
    steps: after.steps.map((step) => ({
      ...step,
      exercises: step.exercises.map((exercise) => {
        const known = standingIn(before, step.name, exercise.slug);
        return exercise.state === 'judging' && known ? { ...known, ...exercise } : exercise;
      }),
    })),
  };
}

function countsAsPassed({ state, hadPassed }: Standing): boolean {
  return state === 'passed' || hadPassed === true;
}

/** The verdicts that are new, in sentences. An exercise that was judged and got none stands as before, and is no news. */
export function newsIn(before: Progress, after: Snapshot): string {
  return after.steps
    .flatMap(({ name, exercises }) =>
      exercises.filter(({ slug, state, at }) => state !== 'judging' && state !== 'open' && at !== standingIn(before, name, slug)?.at),
    )
    .map(verdictOf)
    .join(' ');
}

function verdictOf({ number, title, state, report }: ExerciseStanding): string {
  const verdict = `${number} ${title}: ${state}.`;
  if (report === undefined) return verdict;
  return `${verdict} ${sentence('reason' in report ? report.reason : report.headline)}`;
}

function sentence(text: string): string {
  return /[.:?!]$/.test(text) ? text : `${text}.`;
}

export interface Count {
  passed: number;
  all: number;
}

export function countPassed({ exercises }: StepProgress): { core: Count; extra: Count } {
  const count = (kind: 'core' | 'extra'): Count => {
    const ofKind = exercises.filter((exercise) => exercise.kind === kind);
    return { passed: ofKind.filter(countsAsPassed).length, all: ofKind.length };
  };
  return { core: count('core'), extra: count('extra') };
}

/** Whether all core exercises of a step are passed. */
export function isDone(step: StepProgress): boolean {
  const { core } = countPassed(step);
  return core.passed === core.all;
}
