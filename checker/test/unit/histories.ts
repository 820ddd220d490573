// Histories of an app that keeps its promise, made up by chance: writes take effect at some moment while they are under way, or later
// when no answer came; each read shows a moment that is not too old, not before the session's own writes, and not before what
// it saw already.

import fc from 'fast-check';
import { type Operation, type Outcome, type Read, type Write } from '../../src/check/history-types.ts';

export const othersWithinMs = 2_000;

/** One thing that somebody does, as chance has it. Shares are from 0 to 1. */
interface Act {
  device: number;
  does: Write['kind'] | 'feed' | 'photo';
  photo: number;
  waitsMs: number;
  takesMs: number;
  outcome: Outcome;
  /** When in its time it takes effect, or which of the moments that are right a read shows. */
  share: number;
  /** The first photos only, as a page does. */
  limit: number | undefined;
}

interface Effect {
  write: Write;
  at: number;
}

const devices = [
  { who: 'Ada', session: 'ada-phone' },
  { who: 'Ada', session: 'ada-laptop' },
  { who: 'Bob', session: 'bob' },
  { who: 'Cleo', session: 'cleo' },
  { who: 'visitor', session: 'visitor' },
];
const photos = ['1', '2', '3'];

const share = fc.integer({ min: 0, max: 20 }).map((part) => part / 20);
const act: fc.Arbitrary<Act> = fc.record({
  device: fc.nat(devices.length - 1),
  does: fc.constantFrom('post', 'delete', 'like', 'like', 'unlike', 'feed', 'feed', 'photo'),
  photo: fc.nat(photos.length - 1),
  waitsMs: fc.oneof(fc.nat(50), fc.nat(1_500)),
  takesMs: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3_000 })),
  outcome: fc.constantFrom('acknowledged', 'acknowledged', 'acknowledged', 'refused', 'unknown'),
  share,
  limit: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
});

/** What a right app may have answered. */
export const rightHistory: fc.Arbitrary<Operation[]> = fc.array(act, { maxLength: 60, size: 'max' }).map(played);

/** When all that is in a history is over. */
export function endOf(history: readonly Operation[]): number {
  return Math.max(0, ...history.map(({ endedAt }) => endedAt));
}

function played(acts: readonly Act[]): Operation[] {
  const free = devices.map(() => 0);
  const planned = acts.flatMap((planned) => {
    const startedAt = free[planned.device]! + planned.waitsMs;
    const endedAt = startedAt + planned.takesMs;
    free[planned.device] = endedAt;
    return { ...planned, ...devices[planned.device]!, machine: `api-${1 + (planned.waitsMs % 3)}`, startedAt, endedAt };
  });
  const effects = effectsOf(planned);
  const reads = planned.filter(({ does }) => does === 'feed' || does === 'photo').sort((one, other) => one.startedAt - other.startedAt);
  const shownBefore: { read: Read; moments: ReadonlyMap<string, number> }[] = [];
  for (const { who, session, machine, startedAt, endedAt, does, share, limit, photo } of reads) {
    const happened = { kind: 'read' as const, who, session, machine, startedAt, endedAt };
    const bounds = { startedAt, session, share, endedAt, effects: effects.done, earlier: shownBefore.filter((seen) => seen.read.session === session && seen.read.endedAt <= startedAt) };
    // A page is cut where it ends at one moment; without an end, each photo may be of another.
    const oneMoment = Math.max(...photos.map((name) => momentOf(name, bounds)));
    const moments = new Map(photos.map((name) => [name, limit === undefined ? momentOf(name, bounds) : oneMoment]));
    const there = photos
      .filter((name) => (does === 'feed' || name === photos[photo]) && isThere(name, moments.get(name)!, effects.done))
      .sort((one, other) => (effects.order.get(other) ?? 0) - (effects.order.get(one) ?? 0));
    const page = does === 'feed' ? there.slice(0, limit) : there;
    const shown = Object.fromEntries(page.map((name) => [name, likesAt(name, moments.get(name)!, effects.done)]));
    const read: Read = { ...happened, looked: does === 'feed' ? 'feed' : { photo: photos[photo]! }, shown, whole: does === 'feed' && page.length === there.length };
    shownBefore.push({ read, moments });
  }
  return [...effects.writes, ...shownBefore.map(({ read }) => read)];
}

type Planned = Act & Pick<Read, 'who' | 'session' | 'machine' | 'startedAt' | 'endedAt'>;

/** What is written, when it takes effect, and in which order photos stand. */
function effectsOf(planned: readonly Planned[]): { writes: Write[]; done: Effect[]; order: Map<string, number> } {
  const tried = planned
    .flatMap(({ does, photo, share, takesMs, ...rest }) => {
      if (does === 'feed' || does === 'photo') return [];
      const { who, session, machine, startedAt, endedAt, outcome } = rest;
      // What nobody was told of may happen late, or never.
      const at = outcome === 'refused' || (outcome === 'unknown' && share > 0.8) ? Infinity : startedAt + share * takesMs * (outcome === 'unknown' ? 5 : 1);
      return [{ write: { kind: does, photo: photos[photo]!, who, session, machine, startedAt, endedAt, outcome } satisfies Write, at, share }];
    })
    .sort((one, other) => one.at - other.at);
  const writes: Write[] = [];
  const done: Effect[] = [];
  const order = new Map<string, number>();
  for (const { write, at, share } of tried) {
    const isPost = write.kind === 'post';
    // A photo is posted once, and nothing happens to one that is not there.
    if (isPost && writes.some(({ kind, photo }) => kind === 'post' && photo === write.photo)) continue;
    const happens = at < Infinity && (isPost || isThere(write.photo, at, done));
    if (happens) done.push({ write, at });
    writes.push(happens || write.outcome !== 'acknowledged' ? write : { ...write, outcome: 'refused' });
    if (isPost) order.set(write.photo, write.startedAt + share * (write.endedAt - write.startedAt));
  }
  return { writes, done, order };
}

/** A moment of a photo that a read may show. */
function momentOf(
  photo: string,
  { startedAt, endedAt, session, share, effects, earlier }: { startedAt: number; endedAt: number; session: string; share: number; effects: readonly Effect[]; earlier: { moments: ReadonlyMap<string, number> }[] },
): number {
  const own = effects.filter(({ write }) => write.session === session && write.photo === photo && write.outcome === 'acknowledged' && write.endedAt <= startedAt);
  const from = Math.max(startedAt - othersWithinMs, ...own.map(({ at }) => at), ...earlier.map(({ moments }) => moments.get(photo)!));
  return from + share * (endedAt - from);
}

function isThere(photo: string, at: number, effects: readonly Effect[]): boolean {
  const happened = effects.filter(({ write, at: when }) => write.photo === photo && when <= at).map(({ write }) => write.kind);
  return happened.includes('post') && !happened.includes('delete');
}

function likesAt(photo: string, at: number, effects: readonly Effect[]): number {
  const fans = new Set<string>();
  for (const { write, at: when } of effects) {
    if (write.photo !== photo || when > at) continue;
    if (write.kind === 'like') fans.add(write.who);
    if (write.kind === 'unlike') fans.delete(write.who);
  }
  return fans.size;
}

