// What an answer says of how long it may be kept, and by whom: RFC 9111 section 5.2.2, RFC 5861 and RFC 8246.

import { requireThat, sentences, type Answer } from 'checker/check';

export const daySeconds = 86_400;
/** A year is usual. Somebody may have reasons for less, but not for less than this. */
const longSeconds = 30 * daySeconds;
const mostOfPageSeconds = 10;

/** Directives by name, in small letters; those without a value have an empty one. */
export function directivesOf(answer: Answer): Map<string, string> {
  const parts = (answer.headers['cache-control'] ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
  return new Map(parts.map((part) => {
    const [name = '', value = ''] = part.split('=');
    return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')];
  }));
}

/** For how many seconds a cache that many share may give it away unasked; undefined when it is not said. */
export function sharedSeconds(answer: Answer): number | undefined {
  const directives = directivesOf(answer);
  const text = directives.get('s-maxage') ?? directives.get('max-age');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export function said(answer: Answer): string {
  return `${answer.call} → ${answer.status}, ${shown(answer)}`;
}

function shown(answer: Answer): string {
  return `cache-control: ${answer.headers['cache-control'] ?? 'none'}`;
}

const keptBack = ['no-store', 'no-cache', 'private'];

/** Whether it may be kept for so long that what is at its address must never change. */
export function isForLong(answer: Answer): boolean {
  const directives = directivesOf(answer);
  return (sharedSeconds(answer) ?? 0) >= longSeconds && !keptBack.some((name) => directives.has(name));
}

/** Whether it says so itself: then nobody asks, not even a browser in which the page is loaded again. */
export function isForEver(answer: Answer): boolean {
  return isForLong(answer) && directivesOf(answer).has('immutable');
}

/** @throws Failure unless it may be kept as an image may. */
export function requireForEver(answer: Answer, did: string): void {
  requireThat(answer.status === 200 && isForEver(answer), {
    kind: answer.silence ? 'no answer' : 'wrong answer',
    did,
    saw: answer.silence ? String(answer) : said(answer),
    expected: 'public, max-age=31536000, immutable; at least 30 days',
    why: 'What is at the address of an image never changes. Every time that it is asked for again, somebody waits for nothing.',
    machine: answer.machine,
  });
}

/** Whether it is asked for again within seconds, and serves when there is nobody to ask. */
export function isShort(answer: Answer): boolean {
  return objectionsToPage(answer).length === 0;
}

/** @throws Failure unless it says what the page has to say. */
export function requireShort(answer: Answer, did: string): void {
  const objections = objectionsToPage(answer);
  requireThat(answer.status === 200 && objections.length === 0, {
    kind: answer.silence ? 'no answer' : 'wrong answer',
    did,
    saw: answer.silence ? String(answer) : said(answer),
    expected: sentences(`public, max-age=5, stale-if-error=${daySeconds}`, ...objections),
    why: 'Edges may give away a page for seconds without asking, so that a new one is live soon; and for a day when there is nobody to ask.',
    machine: answer.machine,
  });
}

function objectionsToPage(answer: Answer): string[] {
  const directives = directivesOf(answer);
  const seconds = sharedSeconds(answer);
  const forOne = Number(directives.get('max-age') ?? 0);
  const stale = Number(directives.get('stale-if-error') ?? 0);
  const forbidden = [...keptBack, 'must-revalidate', 'proxy-revalidate', 'immutable'].filter((name) => directives.has(name));
  return [
    ...(seconds === undefined || seconds < 1 ? ['an edge may not keep it for any time (max-age, or s-maxage)'] : []),
    ...(Math.max(seconds ?? 0, forOne) > mostOfPageSeconds ? [`it may be kept for at most ${mostOfPageSeconds} s`] : []),
    ...(stale >= daySeconds ? [] : ['stale-if-error lasts a day']),
    ...forbidden.map((name) => `${name} says something else`),
  ];
}

/** @throws Failure when a cache that many share could keep it. */
export function requirePersonal(answer: Answer, did: string): void {
  const directives = directivesOf(answer);
  const isPersonal = directives.has('private') || directives.has('no-store');
  requireThat(isPersonal && !directives.has('public') && !directives.has('s-maxage'), {
    did,
    saw: said(answer),
    expected: 'private, or no-store',
    why: 'It was made for one person. Who stands between may serve many, and has to be told.',
    machine: answer.machine,
  });
}

/** @throws Failure when an error could be given away unasked later. */
export function requireNotKept(answer: Answer, did: string): void {
  const directives = directivesOf(answer);
  const isFresh = (sharedSeconds(answer) ?? 0) > 0 || directives.has('immutable') || Date.parse(answer.headers['expires'] ?? '') > Date.now();
  requireThat(!isFresh || directives.has('no-store') || directives.has('no-cache'), {
    did,
    saw: said(answer),
    expected: `${answer.status} with no-store, or with no time for which it may be kept`,
    why: 'What is not there now may be there in a moment. An error that is kept goes on after its cause has gone.',
    machine: answer.machine,
  });
}
