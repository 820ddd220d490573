// What the pages show of the learner's way, and when it changes.

import { mkdirSync } from 'node:fs';
import { keptFolder } from '../run/kept/kept-file.ts';
import { readProgress } from '../run/kept/progress.ts';
import { readRunning } from '../run/kept/running.ts';
import { nextOf, standings, type StepStanding } from '../run/kept/standing.ts';
import { allSteps } from '../run/steps.ts';
import { watchFiles, type FileWatch } from '../run/watch/files.ts';

export interface Snapshot {
  /** Changes when the pages are built anew: a page that was loaded before is out of date. */
  pages: string;
  steps: StepStanding[];
  /** Where to go on; null when every core exercise is passed. */
  next: { step: string; exercise: string } | null;
}

export async function takeSnapshot(pages: string): Promise<Snapshot> {
  const [places, progress] = [await allSteps(), await readProgress()];
  return { pages, steps: standings(places, progress, readRunning()), next: nextOf(places, progress) };
}

/** Calls back when something that a snapshot shows may have changed. */
export async function watchKept(onChange: () => void): Promise<FileWatch> {
  try {
    mkdirSync(keptFolder, { recursive: true });
  } catch {
    // On a read-only disk nothing changes.
  }
  return watchFiles(keptFolder, {
    ignored: (file) => !/^(progress\.json|running(\/.*\.json)?)$/.test(file),
    quietMs: 5,
    lookMs: 150,
    onChange,
  });
}
