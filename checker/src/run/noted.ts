// Judging that is kept: each verdict goes into the progress, and while an exercise is judged the pages are told.

import path from 'node:path';
import type { Exercise } from '../stack/step.ts';
import { NotKept } from './kept/kept-file.ts';
import { noteOutcome } from './kept/progress.ts';
import { sayRunning } from './kept/running.ts';
import type { Outcome } from './outcome.ts';
import { compiled } from './repository.ts';
import type { Listener, Session } from './session.ts';
import type { StepPlace } from './steps.ts';

export interface Asked {
  place: StepPlace;
  exercises: readonly Exercise[];
  /** Goes on after a core exercise that did not pass. */
  all: boolean;
  /** They will be judged again, with other files. */
  again: boolean;
}

export interface Judged {
  /** In the order of the exercises; fewer when it was ended early. */
  outcomes: { exercise: Exercise; outcome: Outcome }[];
  /** Why verdicts could not be kept, where they could not. */
  notKept?: string;
}

/** Judges exercises of a step and notes what comes of them. A disk that takes no notes does not stop it. */
export async function judgeAndNote(session: Session, { place, exercises, all, again }: Asked, listener: Listener, signal: AbortSignal): Promise<Judged> {
  const { name, folder, step } = place;
  const outcomes: Judged['outcomes'] = [];
  let notKept: string | undefined;
  let notes = Promise.resolve();
  const note = async (exercise: Exercise, outcome: Outcome): Promise<void> => {
    if (outcome.verdict === 'fault' || isBlocked(outcome)) return;
    try {
      await noteOutcome(name, exercise, outcome);
    } catch (error) {
      if (!(error instanceof NotKept)) throw error;
      notKept = error.message;
    }
  };
  await session.judge(
    { step, stepFolder: folder, checkFolder: path.join(compiled(), 'steps', name, 'check'), slugs: exercises.map(({ slug }) => slug), all, again },
    {
      started: (exercise) => {
        sayRunning({ step: name, slug: exercise.slug });
        listener.started(exercise);
      },
      judged: (exercise, outcome) => {
        outcomes.push({ exercise, outcome });
        listener.judged(exercise, outcome);
        notes = notes.then(() => note(exercise, outcome));
      },
    },
    signal,
  );
  await notes;
  // Abandoned for another: that one says what is judged now.
  if (!signal.aborted) sayRunning(undefined);
  return { outcomes, ...(notKept !== undefined && { notKept }) };
}

/** Whether an exercise was not run only because an earlier one did not pass: that tells nothing of the exercise. */
export function isBlocked(outcome: Outcome): boolean {
  return outcome.verdict === 'not run' && outcome.blocked === true;
}
