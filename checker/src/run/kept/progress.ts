// What came of the exercises, in `.graminsta/progress.json`. Kept by exercise slug and check version, so that an update
// of the workshop keeps what is still true.

import type { Finding } from '../../check/failure.ts';
import { isTimeline } from '../../check/timeline.ts';
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
}

/** By step, then by exercise slug. */
export type Progress = Record<string, Record<string, ProgressEntry>>;

const file = new KeptFile('progress', 1);
const verdicts: readonly unknown[] = ['passed', 'failed', 'not run'] satisfies Verdict[];

/** The progress so far; none of it where the file is missing or cannot be understood. */
export async function readProgress(): Promise<Progress> {
  return entriesOf(stepsOf(await file.read()));
}

/**
 * Notes what came of an exercise; another command may note something at the same time. What has passed is not taken back by a
 * check that could not be run: a computer that is busy says nothing of the app.
 * @throws NotKept
 */
export async function noteOutcome(step: string, exercise: Exercise, outcome: Exclude<Outcome, { verdict: 'fault' }>): Promise<void> {
  const { slug, version } = exercise;
  const { verdict, ms } = outcome;
  await file.update((content) => {
    const steps = stepsOf(content);
    if (verdict === 'not run' && hasPassed(entriesOf(steps), step, exercise)) return content;
    const entry: ProgressEntry = {
      verdict,
      version,
      at: new Date().toISOString(),
      ms,
      ...(verdict === 'failed' && { finding: outcome.finding }),
      ...(verdict === 'not run' && { reason: outcome.reason, ...(outcome.remedy !== undefined && { remedy: outcome.remedy }) }),
    };
    // What is not understood stays as it is: a newer version of the workshop may have written it.
    return { ...content, steps: { ...steps, [step]: { ...steps[step], [slug]: entry } } };
  });
}

/** Forgets what came of a step's exercises, as when it is put back to its start. @throws NotKept */
export async function forgetStep(step: string): Promise<void> {
  await file.update((content) => {
    const others = Object.entries(stepsOf(content)).filter(([name]) => name !== step);
    return { ...content, steps: Object.fromEntries(others) };
  });
}

/** Whether the current version of its check has passed an exercise. */
export function hasPassed(progress: Progress, step: string, { slug, version }: Exercise): boolean {
  const entry = progress[step]?.[slug];
  return entry?.verdict === 'passed' && entry.version === version;
}

/** What is understood of it. */
function entriesOf(steps: Record<string, Json>): Progress {
  return Object.fromEntries(Object.entries(steps).map(([step, entries]) => [step, Object.fromEntries(Object.entries(entries).filter(isEntry))]));
}

function stepsOf(content: Json | undefined): Record<string, Json> {
  const steps = content?.['steps'];
  if (!isObject(steps)) return {};
  return Object.fromEntries(Object.entries(steps).filter((pair): pair is [string, Json] => isObject(pair[1])));
}

function isEntry(pair: [string, unknown]): pair is [string, ProgressEntry] {
  const [, entry] = pair;
  if (!isObject(entry) || (entry['finding'] !== undefined && !isFinding(entry['finding']))) return false;
  if (![entry['reason'], entry['remedy']].every(isTextOrMissing) || !['undefined', 'number'].includes(typeof entry['ms'])) return false;
  return verdicts.includes(entry['verdict']) && typeof entry['version'] === 'number' && typeof entry['at'] === 'string' && !Number.isNaN(Date.parse(entry['at']));
}

/** What another version wrote may be of another shape, and what is shown of it has to be what it is taken for. */
function isFinding(value: unknown): boolean {
  if (!isObject(value) || !['kind', 'did', 'saw', 'expected', 'why'].every((name) => typeof value[name] === 'string')) return false;
  if (!isTextOrMissing(value['machine']) || !isTextOrMissing(value['place'])) return false;
  if (value['timeline'] !== undefined && !isTimeline(value['timeline'])) return false;
  const log = value['log'] ?? [];
  return Array.isArray(log) && log.every((part: unknown) => isObject(part) && typeof part['machine'] === 'string' && Array.isArray(part['lines']) && part['lines'].every((line) => typeof line === 'string'));
}

function isTextOrMissing(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
