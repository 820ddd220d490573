// Has Vitest run the checks of a step, and passes on what it hears.

import path from 'node:path';
import type { Outcome } from './outcome.ts';
import type { Exercise, Step } from '../stack/step.ts';
import { compiled } from './repository.ts';

export interface Judging {
  step: Step;
  /** The folder that is judged. */
  stepFolder: string;
  /** The folder with the checks, compiled. */
  checkFolder: string;
  /** Which exercises, by slug; in the order of the step. */
  slugs: string[];
  /** Goes on after a core exercise that failed. */
  all: boolean;
}

export interface Listener {
  started(exercise: Exercise): void;
  judged(exercise: Exercise, outcome: Outcome): void;
}

declare module 'vitest' {
  interface ProvidedContext {
    judging: Judging;
  }
  interface TaskMeta {
    outcome?: Outcome;
  }
}

/**
 * Judges exercises in order.
 * @param signal ends it early: what runs is stopped, and what has not run stays so.
 * @returns an outcome for each exercise that came to one.
 */
export async function runChecks(judging: Judging, listener: Listener, signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const exerciseOf = (slug: string): Exercise => judging.step.exercises.find((exercise) => exercise.slug === slug)!;
  const judged = (exercise: Exercise, outcome: Outcome): void => {
    outcomes.push(outcome);
    listener.judged(exercise, outcome);
  };
  const fault = (error: { message?: string; stack?: string } | undefined): Outcome => ({
    verdict: 'fault',
    ms: 0,
    error: error?.stack ?? error?.message ?? 'Vitest did not say why.',
  });

  const { createVitest } = await import('vitest/node');
  const vitest = await createVitest(
    'test',
    {
      config: false,
      root: path.join(compiled(), 'checker/src/run'),
      include: ['suite.js'],
      exclude: [],
      watch: false,
      // One process, because exercises run in order. Not a thread: with hundreds of sockets and child processes, a
      // thread of Node.js 20 does not always come to its end.
      pool: 'forks',
      // A fault of ours is to be reported by the lines that we wrote.
      execArgv: ['--enable-source-maps'],
      maxWorkers: 1,
      isolate: false,
      provide: { judging },
      reporters: [
        {
          onTestCaseReady: ({ name }) => listener.started(exerciseOf(name)),
          onTestCaseResult: (test) => {
            const outcome = test.meta().outcome;
            if (outcome) judged(exerciseOf(test.name), outcome);
            else if (test.result().state === 'failed') judged(exerciseOf(test.name), fault(test.result().errors?.[0]));
          },
          onTestRunEnd: (modules, errors) => {
            const unexpected = [...errors, ...modules.flatMap((module) => module.errors())];
            const first = judging.step.exercises.find(({ slug }) => judging.slugs.includes(slug));
            if (unexpected[0] && first && !signal.aborted) judged(first, fault(unexpected[0]));
          },
        },
      ],
    },
    { logLevel: 'silent', clearScreen: false },
  );
  const cancel = (): void => void vitest.cancelCurrentRun('keyboard-input');
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) return outcomes;
    await vitest.start();
  } finally {
    await vitest.close();
  }
  return outcomes;
}
