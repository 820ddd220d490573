// What a check can find, apart from nothing to complain about.

import type { Timeline } from './timeline.ts';

export type FailureKind = 'wrong stack' | 'did not start' | 'no answer' | 'wrong answer' | 'too slow' | 'requests failed' | 'did not survive';

/** What a learner is told. Each line is enough of a sentence to be read alone. */
export interface Finding {
  kind: FailureKind;
  /** What the users did, or what happened to the machines. */
  did: string;
  /** What came back, or was seen. */
  saw: string;
  expected: string;
  /** Why it matters to the people who use the app. */
  why: string;
  /** Which machine it came from, where that is known. */
  machine?: string | undefined;
  /** `src/app.ts:12` of the step, where the mistake is known to be. */
  place?: string;
  /** How a crowd fared, where there was one. */
  timeline?: Timeline;
  /** The last lines that the machine printed. */
  log?: { machine: string; lines: string[] }[];
}

/** The learner's app or stack does not do what the exercise asks for. */
export class Failure extends Error {
  override name = 'Failure';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(`${finding.did}: ${finding.saw}`);
    this.finding = finding;
  }
}

/** The exercise cannot be judged on this computer, or not now. Never the learner's fault. */
export class NotRun extends Error {
  override name = 'NotRun';
  /** What to do about it. */
  readonly remedy: string | undefined;

  constructor(reason: string, remedy?: string) {
    super(reason);
    this.remedy = remedy;
  }
}
