// What there is to say of an exercise that did not pass, in the order in which it is said. The terminal, the pages,
// JSON and JUnit all show this. Pure.

import type { FailureKind, Finding } from '../../check/failure.ts';
import type { Timeline } from '../../check/timeline.ts';
import type { Exercise } from '../../stack/step.ts';

/** Of one that failed. */
export interface FailureReport {
  kind: FailureKind;
  /** The finding in a few words: `Wrong answer, on machine server`. */
  headline: string;
  /** What the users did, or what happened to the machines. */
  did: string;
  /** What came back, or was seen. */
  saw: string;
  expected: string;
  /** Why it matters to the people who use the app. */
  why: string;
  machine?: string;
  /** How a crowd fared. */
  timeline?: Timeline;
  /** Files to look into, from the folder of the workshop; with a line where it is known. */
  lookIn: string[];
  /** The command that gives a hint. */
  hint: string;
  /** The path of the exercise on the pages. */
  read: string;
  /** The last that machines printed. */
  log: { machine: string; lines: string[] }[];
}

/** Of one that was not run. */
export interface NotRunReport {
  reason: string;
  /** What to do about it. */
  remedy?: string;
}

export type Report = FailureReport | NotRunReport;

/** By kind; one that a newer version of the workshop noted has none. */
const headlines: Partial<Record<string, string>> = {
  'wrong stack': 'The machines are not as this step needs them',
  'did not start': 'It did not start',
  'no answer': 'No answer',
  'wrong answer': 'Wrong answer',
  'too slow': 'Too slow',
  'requests failed': 'Requests failed',
  'did not survive': 'It did not survive',
} satisfies Record<FailureKind, string>;

/** More would be read by nobody. The files of an exercise stand in the order in which they matter. */
const mostPlaces = 6;

interface Judged {
  verdict: string;
  finding?: Finding | undefined;
  reason?: string | undefined;
  remedy?: string | undefined;
}

/** The report on an outcome, or on one that was kept; undefined where there is nothing to say. */
export function reportOf(exercise: Exercise, stepName: string, { verdict, finding, reason, remedy }: Judged): Report | undefined {
  if (verdict === 'failed' && finding) return failureReport(exercise, stepName, finding);
  if (verdict === 'not run' && reason !== undefined) return { reason, ...(remedy !== undefined && { remedy }) };
  return undefined;
}

export function failureReport({ number, slug, files }: Exercise, stepName: string, finding: Finding): FailureReport {
  const { kind, machine, did, saw, expected, why, place, timeline, log = [] } = finding;
  // Machines that are not as they should be are described in one file. What can be of twenty files is of the first few.
  const likely = kind === 'wrong stack' ? ['stack.ts'] : files;
  const places = (place === undefined ? likely : [place, ...likely.filter((file) => !place.startsWith(file))]).slice(0, mostPlaces);
  return {
    kind,
    headline: `${headlines[kind] ?? kind}${machine === undefined ? '' : `, on machine ${machine}`}`,
    did,
    saw,
    expected,
    why,
    ...(machine !== undefined && { machine }),
    ...(timeline && { timeline }),
    lookIn: places.map((file) => `steps/${stepName}/${file}`),
    hint: `npm run hint ${number}`,
    read: `/steps/${stepName}#${slug}`,
    log: log.filter(({ lines }) => lines.length > 0),
  };
}
