// Judges what is known to be right and what is known to be wrong by the checks that learners meet.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Courtroom } from '../../src/run/courtroom.ts';
import type { Outcome } from '../../src/run/outcome.ts';
import type { Check } from '../../src/check/exercise.ts';
import { layOver } from '../../src/run/overlay.ts';
import { repository } from '../../src/run/repository.ts';
import type { Exercise, Step } from '../../src/stack/step.ts';

export interface StepUnderProof {
  name: string;
  folder: string;
  step: Step;
  checks: Map<string, Check>;
}

export interface Row {
  step: string;
  subject: string;
  exercise: string;
  outcome: Outcome;
}

/** Every verdict of this proof, for the table at its end. */
export const rows: Row[] = [];

export async function stepsUnderProof(): Promise<StepUnderProof[]> {
  const folder = path.join(repository, 'steps');
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'step.ts'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const { default: step } = (await import(path.join(folder, name, 'step.ts'))) as { default: Step };
      const checks = await Promise.all(
        step.exercises.map(async ({ slug }) => {
          const { default: check } = (await import(path.join(folder, name, 'check', `${slug}.check.ts`))) as { default: Check };
          return [slug, check] as const;
        }),
      );
      return { name, folder: path.join(folder, name), step, checks: new Map(checks) };
    }),
  );
}

/** `checker/test/mutants/01/feed/offset`: the exercise it is named after, its own name, and its files. */
export function mutantsOf({ name }: StepUnderProof): { slug: string; mutant: string; overlay: string }[] {
  const folder = path.join(repository, 'checker/test/mutants', name.slice(0, 2));
  return foldersIn(folder).flatMap((slug) =>
    foldersIn(path.join(folder, slug)).map((mutant) => ({ slug, mutant, overlay: path.join(folder, slug, mutant) })),
  );
}

export function alternativesOf({ name }: StepUnderProof): { alternative: string; overlay: string }[] {
  const folder = path.join(repository, 'checker/test/alternatives', name.slice(0, 2));
  return foldersIn(folder).map((alternative) => ({ alternative, overlay: path.join(folder, alternative) }));
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
}

let subjects = 0;

export class Proof {
  readonly #room: Courtroom;

  constructor(room: Courtroom) {
    this.#room = room;
  }

  /** A folder with the step and these files laid over it. Without any: the start, from its pristine copy. */
  subject({ folder }: StepUnderProof, overlays: readonly string[]): Promise<string> {
    subjects += 1;
    const start = path.join(folder, 'start');
    return layOver(folder, [start, ...overlays], path.join(this.#room.run.path, 'subjects', String(subjects)));
  }

  solution(step: StepUnderProof, ...overlays: string[]): Promise<string> {
    return this.subject(step, [path.join(step.folder, 'solution'), ...overlays]);
  }

  /** Judges by one exercise. A computer that was too busy for a verdict gets two more chances. */
  async judge(under: StepUnderProof, subjectFolder: string, exercise: Exercise, subject: string, check?: Check): Promise<Outcome> {
    let outcome: Outcome | undefined;
    for (let time = 1; time <= 3 && (outcome === undefined || outcome.verdict === 'not run'); time += 1) {
      outcome = await this.#room.judge({ step: under.step, stepFolder: subjectFolder }, exercise, check ?? under.checks.get(exercise.slug)!);
    }
    rows.push({ step: under.name, subject, exercise: check ? 'contract' : exercise.number, outcome: outcome! });
    return outcome!;
  }

  /** The verdict on every exercise, in order, but for those that are named. */
  async judgeAll(under: StepUnderProof, subjectFolder: string, subject: string, skipped: readonly string[] = []): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    for (const exercise of under.step.exercises) {
      if (skipped.includes(exercise.slug)) continue;
      outcomes.set(exercise.slug, await this.judge(under, subjectFolder, exercise, subject));
    }
    return outcomes;
  }
}

/** What is wrong with a start state: nothing, or that its first exercise passes. */
export function complaintAboutStart({ step }: StepUnderProof, outcome: Outcome): string | undefined {
  return outcome.verdict === 'failed' ? undefined : `the start state of step ${step.number} is ${outcome.verdict} at its first exercise`;
}

/** What an outcome says, for a test that expected another. */
export function explain(outcome: Outcome): string {
  switch (outcome.verdict) {
    case 'passed':
      return 'passed';
    case 'not run':
      return `not run: ${outcome.reason}`;
    case 'fault':
      return `the checker's fault: ${outcome.error}`;
    case 'failed':
      return `failed: ${outcome.finding.did} | saw: ${outcome.finding.saw} | expected: ${outcome.finding.expected}`;
  }
}

/** One line for each subject and exercise. */
export function table(): string {
  const marks = { passed: '✓', failed: '✗', 'not run': '○', fault: '!' };
  const width = Math.max(0, ...rows.map(({ subject }) => subject.length));
  const lines = [...rows]
    .sort((a, b) => a.step.localeCompare(b.step) || a.subject.localeCompare(b.subject) || a.exercise.localeCompare(b.exercise))
    .map(({ step, subject, exercise, outcome }) => {
      const time = `${(outcome.ms / 1000).toFixed(1)} s`.padStart(6);
      return `  ${step.slice(0, 2)}  ${subject.padEnd(width)}  ${exercise.padEnd(8)}  ${marks[outcome.verdict]} ${outcome.verdict.padEnd(7)} ${time}`;
    });
  return lines.join('\n');
}
