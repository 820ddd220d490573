// What came of the exercises, in `.graminsta/progress.json`. Kept by exercise slug and check version, so that an update
// of the workshop keeps what is still true.

import type { Finding } from '../../check/failure.ts';
import type { Exercise } from '../../stack/step.ts';
import type { Outcome } from '../outcome.ts';
import { isObject, KeptFile, type Json } from './kept-file.ts';

export type Verdict = 'passed' | 'failed' | 'not run';

export interface ProgressEntry {
  verdict: Verdict;
  /** The version of the check that judged. */
  version: number;
  /** When, in ISO 8601. */
  at: string;
  /** How long it took. */
  ms?: number;
  /** Of one that failed. */
  finding?: Finding;
  /** Of one that was not run, and what to do about it. */
  reason?: string;
  remedy?: string;
  /** The version of the check that it had passed before it was not run: a busy computer takes nothing back. */
  passedVersion?: number;
}

/** By step, then by exercise slug. */
export type Progress = Record<string, Record<string, ProgressEntry>>;

const file = new KeptFile('progress', 1);
const verdicts: readonly unknown[] = ['passed', 'failed', 'not run'] satisfies Verdict[];

/** The progress so far; none of it where the file is missing or cannot be understood. */
export async function readProgress(): Promise<Progress> {
  const content = await file.read();
  return Object.fromEntries(
    Object.entries(stepsOf(content)).map(([step, entries]) => [step, Object.fromEntries(Object.entries(entries).filter(isEntry))]),
  );
}

/** Notes what came of an exercise; another command may note something at the same time. @throws NotKept */
export async function noteOutcome(step: string, { slug, version }: Exercise, outcome: Exclude<Outcome, { verdict: 'fault' }>): Promise<void> {
  const { verdict, ms } = outcome;
  await file.update((content) => {
    const steps = stepsOf(content);
    const before = Object.entries(steps[step] ?? {}).filter(isEntry).find(([name]) => name === slug)?.[1];
    const passedVersion = before?.verdict === 'passed' ? before.version : before?.passedVersion;
    const entry: ProgressEntry = {
      verdict,
      version,
      at: new Date().toISOString(),
      ms,
      ...(verdict === 'failed' && { finding: outcome.finding }),
      ...(verdict === 'not run' && {
        reason: outcome.reason,
        ...(outcome.remedy !== undefined && { remedy: outcome.remedy }),
        ...(passedVersion !== undefined && { passedVersion }),
      }),
    };
    // What is not understood stays as it is: a newer version of the workshop may have written it.
    return { ...content, steps: { ...steps, [step]: { ...steps[step], [slug]: entry } } };
  });
}

/** Whether the current version of its check has passed an exercise. */
export function hasPassed(progress: Progress, step: string, { slug, version }: Exercise): boolean {
  const entry = progress[step]?.[slug];
  return (entry?.verdict === 'passed' ? entry.version : entry?.verdict === 'not run' ? entry.passedVersion : undefined) === version;
}

function stepsOf(content: Json | undefined): Record<string, Json> {
  const steps = content?.['steps'];
  if (!isObject(steps)) return {};
  return Object.fromEntries(Object.entries(steps).filter((pair): pair is [string, Json] => isObject(pair[1])));
}

function isEntry(pair: [string, unknown]): pair is [string, ProgressEntry] {
  const [, entry] = pair;
  return isObject(entry) && verdicts.includes(entry['verdict']) && typeof entry['version'] === 'number' && typeof entry['at'] === 'string' && !Number.isNaN(Date.parse(entry['at']));
}
