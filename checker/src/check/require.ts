// The words in which checks say what has to be. Each throws a Failure that can be read without the code.

import type { Answer } from './answer.ts';
import { Failure, type Finding, type FailureKind } from './failure.ts';

export interface Told {
  /** What the user did: `Ada posted small.png`. */
  did: string;
  why: string;
  /** In words, where the status alone would not say it. */
  expected?: string;
  /** What was seen besides the answer: it tells causes apart. */
  also?: string | undefined;
}

/** @throws Failure unless the condition holds. */
export function requireThat(condition: boolean, finding: Omit<Finding, 'kind'> & { kind?: FailureKind }): asserts condition {
  if (!condition) throw new Failure({ kind: 'wrong answer', ...finding });
}

/** @throws Failure unless an answer came. */
export function requireAnswer(answer: Answer, { did, why, expected, also }: Told): void {
  if (!answer.silence) return;
  throw new Failure({
    kind: answer.silence === 'too large' || answer.silence === 'unusable' ? 'wrong answer' : 'no answer',
    did,
    saw: sentences(answer.toString(), also),
    expected: expected ?? 'an answer',
    why,
    machine: answer.machine,
  });
}

/** @throws Failure unless the answer has one of these statuses. */
export function requireStatus(answer: Answer, statuses: number | readonly number[], told: Told): void {
  requireAnswer(answer, { ...told, expected: told.expected ?? `status ${[statuses].flat().join(' or ')}` });
  requireThat([statuses].flat().includes(answer.status), {
    kind: isNotNow(answer) ? 'requests failed' : 'wrong answer',
    did: told.did,
    saw: sentences(answer.toString(), told.also),
    expected: told.expected ?? `status ${[statuses].flat().join(' or ')}`,
    why: told.why,
    machine: answer.machine,
  });
}

/** The app, or what stands in front of it, cannot at the moment. With more time to spare for all that it waits for, it might have. */
export function isNotNow({ status }: Answer): boolean {
  return status >= 502 && status <= 504;
}

/** An error as the contract words it: `application/problem+json` with title, status and detail (RFC 9457). */
export function requireProblem(answer: Answer, status: number, told: Told): void {
  requireStatus(answer, status, told);
  const type = answer.headers['content-type']?.split(';')[0] ?? 'no content-type';
  requireThat(type === 'application/problem+json', {
    did: told.did,
    saw: `${answer.call} → ${answer.status}, content-type: ${type}`,
    expected: `status ${status} as application/problem+json (RFC 9457)`,
    why: 'A program that calls the API can only react to errors that it can read.',
    machine: answer.machine,
  });
  const problem = (answer.json ?? {}) as Record<string, unknown>;
  const lacks = ['title', 'status', 'detail'].filter((member) => problem[member] === undefined);
  requireThat(lacks.length === 0 && problem['status'] === status, {
    did: told.did,
    saw: `${answer.call} → ${answer.status} with ${clip(answer.body.toString('utf8'))}`,
    expected: `a problem with title, status (${status}) and detail`,
    why: 'A program that calls the API can only react to errors that it can read.',
    machine: answer.machine,
  });
}

/** Several things that were seen, as one text. */
export function sentences(...seen: readonly (string | undefined)[]): string {
  return seen.filter(Boolean).join('; ');
}

/** The beginning of a text, as much as a report has room for. What a terminal would obey is named instead: `\u001b`. */
export function clip(text: string, length = 120): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, (control) => `\\u${control.codePointAt(0)!.toString(16).padStart(4, '0')}`)
    .trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
