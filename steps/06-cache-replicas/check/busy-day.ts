// People who read and like all day, while machines come and go; and what is required of the answers they got.

import { hasFailed, msOf, NotRun, outcomes, percentile, requireOnTime, requireThat, sentBetween, together, type Answer, type App, type Crowd, type CrowdRecord, type CrowdRequest, type Photo, type User } from 'checker/check';
import { timelineOfApis } from './machines.ts';
import type { UnaskedPages } from './uncached.ts';

const people = 8;
/** Arrivals a second: of those who read what no cache has, of those who look at one photo, at the feed, and of those who like. */
const rates = { pages: 20, photos: 10, feed: 10, likes: 8 };
/** How late the crowd itself may be. */
const lateMs = 400;
/** How long they are there before something happens. */
export const calmMs = 1_000;
const slowMs = 1_000;
/** More than is promised: of so few people, one of a hundred is one whom this computer kept waiting. */
const slowShare = 0.04;
/** Of those who come in the first moment some are in the hands of what dies. */
const unluckyShare = 0.02;

/** A machine that was away. Moments are on the clock of `performance.now()`. */
export interface Away {
  told: string;
  /** When it was gone, and when it was there again. */
  fromAt: number;
  untilAt: number;
  /** How long it may take to be noticed. */
  noticeMs: number;
}

/** Likes by `<photo> <fan>`. */
export interface Likes {
  tried: Set<string>;
  /** Those that were answered with 200. */
  acknowledged: Set<string>;
}

export interface Cast {
  fans: readonly User[];
  /** What the fans like, and everybody looks at. */
  photos: readonly Photo[];
  pages: UnaskedPages;
}

export interface DayRecord {
  reads: CrowdRecord;
  writes: CrowdRecord;
  likes: Likes;
}

export class BusyDay {
  readonly #readers: readonly Crowd[];
  readonly #fans: Crowd;
  readonly #rush: () => Promise<unknown>;
  readonly #likes: Likes = { tried: new Set(), acknowledged: new Set() };

  /** They come from now on, through lb. */
  constructor(app: App, { fans, photos, pages }: Cast) {
    const strangers = Array.from({ length: people }, () => app.visitor());
    const idOf = (index: number): string => photos[index % photos.length]!.id;
    this.#readers = [
      app.crowd({ perSecond: rates.pages, people: strangers, does: (who) => who.feed(pages.next()) }),
      app.crowd({ perSecond: rates.photos, people: strangers, does: (who, index) => who.photo(idOf(index)) }),
      app.crowd({ perSecond: rates.feed, people: strangers, does: (who) => who.feed() }),
    ];
    // Each fan likes one photo after the other, so that nearly every like is a new one. In a rush it is the last that they have not come to.
    this.#fans = app.crowd({ perSecond: rates.likes, people: fans, does: (who, index) => this.#like(who, idOf(Math.floor(index / fans.length))) });
    this.#rush = () => Promise.all(fans.map((who) => this.#like(who, idOf(photos.length - 1))));
  }

  /** All fans like their next photo at once. Fulfilled when they have their answers. */
  async rush(): Promise<void> {
    await this.#rush();
  }

  async goesOn(ms: number): Promise<void> {
    await Promise.all([...this.#readers, this.#fans].map((crowd) => crowd.for(ms)));
  }

  mark(what: string): void {
    this.#readers[0]!.mark(what);
  }

  /** @throws NotRun when the crowd itself came late */
  async ends(): Promise<DayRecord> {
    const [writes, ...reads] = await Promise.all([this.#fans.leaves(), ...this.#readers.map((crowd) => crowd.leaves())]);
    const record = { reads: together(...reads), writes, likes: this.#likes };
    requireOnTime(record.reads, lateMs);
    requireCalm(record.reads);
    return record;
  }

  async #like(who: User, photo: string): Promise<Answer> {
    this.#likes.tried.add(`${photo} ${who.username}`);
    const answer = await who.likes(photo);
    if (answer.ok) this.#likes.acknowledged.add(`${photo} ${who.username}`);
    return answer;
  }
}

/** What takes long before anything has happened, takes longer afterwards, and nobody is to blame. @throws NotRun */
function requireCalm(reads: CrowdRecord): void {
  if (percentile(sentBetween(reads, 0, calmMs).map(msOf), 75) <= slowMs / 2) return;
  throw new NotRun('This computer was too busy for the few people of this exercise, before anything had happened to them.', 'Close what keeps it busy, then run it again.');
}

/** Those that were sent while a machine was away; from when it has to have been noticed, unless all are wanted. */
export function sentWhileAway(record: CrowdRecord, { fromAt, untilAt, noticeMs }: Away, { all = false } = {}): CrowdRequest[] {
  return sentBetween(record, fromAt + (all ? 0 : noticeMs) - record.startedAt, untilAt - record.startedAt);
}

/** @throws Failure when people read in vain, or waited for long */
export function requireReads(record: DayRecord, away: Away): void {
  requireAnswered(record, record.reads, away, 'GETs', 'The other database has all that there is to read, and the cache some of it.');
  const noticed = sentWhileAway(record.reads, away);
  const slow = noticed.filter((request) => msOf(request) > slowMs);
  requireThat(slow.length <= slowShare * noticed.length, {
    kind: 'too slow',
    did: away.told,
    saw: `${since(away)}, ${slow.length} of ${noticed.length} GETs took over ${slowMs / 1_000} s, the longest ${(Math.max(...slow.map(msOf)) / 1_000).toFixed(1)} s`,
    expected: `99 of 100 in less than ${slowMs / 1_000} s`,
    why: 'Who waits for a machine that is gone waits for nothing. It takes a time-out to tell, and a memory of it, so that not everybody has to find out.',
    timeline: timelineOf(record),
  });
}

/** @throws Failure when writes failed, although nothing that they need was away */
export function requireWrites(record: DayRecord, away: Away): void {
  requireAnswered(record, record.writes, away, 'likes', 'A like is written to db, and db is well. What happens to a copy is none of its business.');
}

function requireAnswered(record: DayRecord, crowd: CrowdRecord, away: Away, what: string, why: string): void {
  const [all, noticed] = [sentWhileAway(crowd, away, { all: true }), sentWhileAway(crowd, away)];
  const failed = noticed.filter(hasFailed);
  requireThat(failed.length === 0, {
    kind: 'requests failed',
    did: away.told,
    saw: `${since(away)}, ${failed.length} of ${noticed.length} ${what} failed: ${outcomes(failed)}`,
    expected: `no failure, ${since(away)}`,
    why,
    timeline: timelineOf(record),
  });
  const unlucky = all.filter(hasFailed);
  requireThat(unlucky.length <= Math.max(1, unluckyShare * crowd.requests.length), {
    kind: 'requests failed',
    did: away.told,
    saw: `before it was noticed, ${unlucky.length} ${what} failed: ${outcomes(unlucky)}`,
    expected: `at most ${unluckyShare * 100} % of all that were sent this day`,
    why: 'A read that failed changed nothing. It can be asked of the other database at once.',
    timeline: timelineOf(record),
  });
}

export function timelineOf({ reads, writes }: DayRecord): ReturnType<typeof timelineOfApis> {
  return timelineOfApis(reads, writes);
}

function since({ noticeMs }: Away): string {
  return `from ${noticeMs / 1_000} s after it on`;
}
