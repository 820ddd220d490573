// A violation of the promise, told so that it can be followed: who did and saw what, where and when.

import type { Finding } from './failure.ts';
import { clip } from './require.ts';
import type { History, Operation, Promised, Read, Violation, Write } from './history-types.ts';

const did: Record<Write['kind'], string> = { post: 'posted', delete: 'deleted', like: 'liked', unlike: 'took back a like of' };

const why: Record<Promised, string> = {
  own: 'Whoever changes something and does not see it takes it for lost, and does it again.',
  back: 'What comes and goes again looks broken: nobody knows what is true.',
  late: 'A copy may be old, but only for a while: somebody or something has to end it.',
  impossible: 'There was no moment at which this was right.',
};

/** @param epoch when the clock of the history began, in milliseconds since 1970 */
export function storyOf(violation: Violation, history: History, epoch = performance.timeOrigin): Finding {
  const { promise, read, photo, proof, saw, expected } = violation;
  const clock = (ms: number): string => clockTime(epoch + ms);
  const name = nameOf(photo, history);
  const at = read.machine === undefined ? '' : ` at ${read.machine}`;
  const looked = `${read.who} ${lookedAt(read, name)}${at} at ${clock(read.startedAt)}`;
  const answered = `${clock(read.endedAt)} ${read.machine ?? 'the API'} answered ${saw}`;
  return {
    kind: promise === 'late' ? 'too slow' : 'wrong answer',
    did: [...(proof ? [toldOf(proof, name, violation, clock)] : []), looked].join('; then '),
    saw: proof ? `${answered}, ${seconds(read.endedAt - proof.endedAt)} after ${proof.kind === 'read' ? 'that was seen' : 'that was acknowledged'}` : answered,
    expected: `${expected}: ${promised(violation)}`,
    why: why[promise],
    machine: read.machine,
  };
}

function lookedAt({ looked }: Read, name: string): string {
  if (looked === 'feed') return 'opened the feed';
  return 'behind' in looked ? 'turned the page of the feed' : `looked at ${name}`;
}

/** `Ada liked "Sunset" (11:02:03.120 api-2 acknowledged it)` */
function toldOf(proof: Operation, name: string, { photo }: Violation, clock: (ms: number) => string): string {
  const where = `${clock(proof.endedAt)} ${proof.machine ?? 'the API'}`;
  if (proof.kind !== 'read') return `${proof.who} ${did[proof.kind]} ${name} (${where} acknowledged it)`;
  const likes = proof.shown[photo];
  const seen = likes === undefined ? 'no such photo' : `${likes} ${likes === 1 ? 'like' : 'likes'}`;
  return `${proof.who} looked at ${name} (${where} answered ${seen})`;
}

function promised({ promise, read, proof }: Violation): string {
  if (promise === 'own') return `${read.who} sees an own change at once, on every machine`;
  if (promise === 'late') return `${proof === undefined || proof.who === read.who ? 'everybody' : read.who} sees what was acknowledged long before`;
  return promise === 'back' ? 'what somebody sees never goes back in time' : 'nothing else is true at any moment';
}

/** Photos are known by the first line of their captions, where the history tells them. */
function nameOf(photo: string, history: History): string {
  const caption = history.find((operation) => operation.kind === 'post' && operation.photo === photo);
  return caption?.kind === 'post' && caption.caption ? `"${clip(caption.caption.split('\n')[0] ?? '', 40)}"` : `photo ${clip(photo, 40)}`;
}

/** `11:02:03.120`, as clocks on the wall show it. */
function clockTime(ms: number): string {
  const date = new Date(ms);
  const [hours, minutes, wholeSeconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${hours}:${minutes}:${wholeSeconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
