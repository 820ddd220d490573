// How many likes a photo can have had at a moment, and whether what a session sees of them can be a course of time. A write takes
// effect at one moment between its beginning and its end. So at each moment there are some writes of a user that can have been the
// last to take effect: all of them likes, none of them, or it may be either. Added up, that gives the lowest and the highest count.

import { grouped, latestOf, type Operation, type Promised, type Read, type Right, type Violation, type Window, type Write } from './history-types.ts';

/** Which writes of a user can have been the last; undefined is none at all. */
type Candidates = readonly (Write | undefined)[];

/** The likes of a photo, the same for everybody who looks at it. */
interface Likes {
  writes: readonly Write[];
  byUser: readonly (readonly Write[])[];
  /** When something begins or ends: between two of them, what may be stays the same. */
  times: readonly number[];
}

interface Moment {
  at: number;
  users: readonly Candidates[];
  lowest: number;
  highest: number;
}

/** What a read has to be able to show: the state of some moment from this one on, with these writes in it. */
interface Demand {
  promise: Promised;
  from: number;
  known: ReadonlySet<Write>;
  proof: () => Operation | undefined;
}

interface Seen {
  read: Read;
  /** The count was not seen before this moment. */
  notBefore: number;
  known: ReadonlySet<Write>;
}

export class LikesOverTime {
  readonly #likes: Likes;
  /** What the session saw, by count: the last read that showed it. */
  readonly #seen = new Map<number, Seen>();
  #latest: Seen | undefined;
  /** Writes that have taken effect in what the session saw. */
  #known: ReadonlySet<Write> = new Set();

  constructor(likes: Likes) {
    this.#likes = likes;
  }

  static of(all: readonly Write[]): Likes {
    const writes = all.filter(({ kind }) => kind === 'like' || kind === 'unlike');
    const times = new Set([-Infinity, ...writes.flatMap((write) => [write.startedAt, latestOf(write)])]);
    return { writes, byUser: [...grouped(writes, ({ who }) => who).values()], times: [...times].sort((one, other) => one - other) };
  }

  judge(window: Window, count: number): Right | Violation {
    const { read, photo, own, lateAt } = window;
    const back = this.#latest;
    const [nothing, mine] = [new Set<Write>(), new Set(own)];
    const known = new Set([...own, ...this.#known]);
    // Each asks for more than the one before; the first that cannot be kept is the one that was broken.
    const demands: Demand[] = [
      { promise: 'impossible', from: -Infinity, known: nothing, proof: () => undefined },
      { promise: 'own', from: -Infinity, known: mine, proof: () => latest(own.filter(({ kind }) => kind !== 'post')) },
      { promise: 'late', from: lateAt, known: mine, proof: () => this.#missing(count, window) },
      { promise: 'back', from: Math.max(lateAt, back?.notBefore ?? -Infinity), known, proof: () => back?.read },
    ];
    const fitting = (demand: Demand): Moment[] => this.#momentsFor(demand, read).filter(({ lowest, highest }) => lowest <= count && count <= highest);
    const possible = fitting(demands.at(-1)!);
    const wrong = (broken: Pick<Demand, 'promise'>, proof: Operation | undefined, least: number, most: number): Violation => {
      return { promise: broken.promise, read, photo, proof, saw: likesInWords(count, count), expected: likesInWords(least, most) };
    };
    if (!possible[0]) {
      const broken = demands.find((demand) => fitting(demand).length === 0)!;
      const moments = this.#momentsFor(broken, read);
      return wrong(broken, broken.proof(), Math.min(...moments.map(({ lowest }) => lowest)), Math.max(...moments.map(({ highest }) => highest)));
    }
    for (const [earlier, seen] of this.#seen) {
      const [fewer, more] = [this.#changesSince(seen, read, 'unlike'), this.#changesSince(seen, read, 'like')];
      if (count < earlier - fewer || count > earlier + more) return wrong({ promise: 'back' }, seen.read, earlier - fewer, earlier + more);
    }
    const implied = possible.map((moment) => impliedBy(moment, count)).reduce((both, next) => both.filter((write) => next.includes(write)));
    return { learn: () => this.#learn(count, { read, notBefore: possible[0]!.at, known: new Set([...known, ...implied]) }) };
  }

  #learn(count: number, seen: Seen): void {
    this.#seen.set(count, seen);
    this.#known = new Set([...this.#known, ...seen.known]);
    if (seen.notBefore >= (this.#latest?.notBefore ?? -Infinity)) this.#latest = seen;
  }

  /** What can be at each moment from one on until the end of a read. Nothing is known before it has begun. */
  #momentsFor({ from, known }: Pick<Demand, 'from' | 'known'>, { endedAt }: Read): Moment[] {
    const { byUser, times } = this.#likes;
    const start = Math.max(from, ...[...known].map(({ startedAt }) => startedAt));
    const first = Math.max(0, times.findLastIndex((time) => time <= start));
    const moments = times.filter((time, index) => index >= first && time <= Math.max(start, endedAt)).map((time) => Math.max(start, time));
    return moments.map((at) => {
      const users = byUser.map((writes) => candidatesAt(at, writes, known));
      return { at, users, lowest: users.filter((last) => last.every(isLike)).length, highest: users.filter((last) => last.some(isLike)).length };
    });
  }

  /** How many users may have changed their mind between what was seen and a read. */
  #changesSince({ notBefore, known }: Seen, read: Read, kind: 'like' | 'unlike'): number {
    const changes = this.#likes.writes.filter((write) => write.kind === kind && write.startedAt <= read.endedAt && latestOf(write) >= notBefore && !known.has(write));
    return new Set(changes.map(({ who }) => who)).size;
  }

  /** The last change that the count lacks and that was acknowledged in time. */
  #missing(count: number, { read, own, lateAt }: Window): Operation | undefined {
    const lacks = this.#momentsFor({ from: lateAt, known: new Set(own) }, read).every(({ lowest }) => count < lowest) ? 'like' : 'unlike';
    return latest(this.#likes.writes.filter((write) => write.kind === lacks && latestOf(write) <= lateAt));
  }
}

/** Only what was begun after a write had ended, and has taken effect, is sure to have come after it. */
function candidatesAt(time: number, writes: readonly Write[], known: ReadonlySet<Write>): Candidates {
  const done = writes.filter((write) => latestOf(write) <= time || known.has(write));
  const last = writes.filter((write) => write.startedAt <= time && !done.some((other) => other.startedAt > latestOf(write)));
  return done.length > 0 ? last : [undefined, ...last];
}

/** What has taken effect for sure when a moment shows this count. At the highest count nobody does not like it who may, and so on. */
function impliedBy({ users, lowest, highest }: Moment, count: number): Write[] {
  const possible = users.map((last) => {
    const [likes, others] = [last.filter(isLike), last.filter((write) => !isLike(write))];
    if (likes.length === 0 || others.length === 0) return last;
    return count === highest ? likes : count === lowest ? others : last;
  });
  return possible.flatMap((last) => (last.length === 1 && last[0] ? [last[0]] : []));
}

function isLike(write: Write | undefined): boolean {
  return write?.kind === 'like';
}

function latest<Happened extends Operation>(operations: readonly Happened[]): Happened | undefined {
  return operations.toSorted((one, other) => other.endedAt - one.endedAt)[0];
}

/** `7 likes`, `6 to 8 likes` */
function likesInWords(least: number, most: number): string {
  if (least === most) return least === 1 ? '1 like' : `${least} likes`;
  return most === least + 1 ? `${least} or ${most} likes` : `${least} to ${most} likes`;
}
