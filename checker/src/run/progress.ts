// What has been passed, in `.graminsta/progress.json`. Kept by exercise slug and check version, so that an update
// of the workshop keeps what is still true.

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { lock } from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import type { Exercise } from '../stack/step.ts';
import { repository } from './repository.ts';

export type Verdict = 'passed' | 'failed' | 'not run';

export interface ProgressEntry {
  verdict: Verdict;
  /** The version of the check that judged. */
  version: number;
  /** ISO 8601. */
  at: string;
}

export interface Progress {
  format: 1;
  /** By step, then by exercise slug. */
  steps: Record<string, Record<string, ProgressEntry>>;
}

/** `GRAMINSTA_HOME` is for tests, which must not touch a learner's progress. */
export const progressFolder = process.env['GRAMINSTA_HOME'] ?? path.join(repository, '.graminsta');
const file = path.join(progressFolder, 'progress.json');

/** The progress so far; none when the file is missing or cannot be understood. */
export async function readProgress(): Promise<Progress> {
  try {
    const read = JSON.parse(await readFile(file, 'utf8')) as Partial<Progress>;
    if (read.format === 1 && typeof read.steps === 'object' && read.steps !== null) return { format: 1, steps: read.steps };
  } catch {
    // Not there yet, or torn: what was passed can be passed again.
  }
  return { format: 1, steps: {} };
}

/** Notes a verdict; another command may note one at the same time. */
export async function noteVerdict(step: string, exercise: Exercise, verdict: Verdict): Promise<void> {
  await mkdir(progressFolder, { recursive: true });
  const release = await lock(progressFolder, { retries: { retries: 50, minTimeout: 10, maxTimeout: 100 }, stale: 2_000 });
  try {
    const progress = await readProgress();
    const entry: ProgressEntry = { verdict, version: exercise.version, at: new Date().toISOString() };
    progress.steps[step] = { ...progress.steps[step], [exercise.slug]: entry };
    await writeFileAtomic(file, `${JSON.stringify(progress, null, 2)}\n`);
  } finally {
    await release();
  }
}

/** Whether the current version of its check has passed an exercise. */
export function hasPassed(progress: Progress, step: string, { slug, version }: Exercise): boolean {
  const entry = progress.steps[step]?.[slug];
  return entry?.verdict === 'passed' && entry.version === version;
}
