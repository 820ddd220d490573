// What people did and saw, as data, and whether it keeps the promise: you see your own change at once; what you see never goes back
// in time; others see it in time. Nothing here asks a server. Each photo is judged by itself, because a right app may read the parts
// of an answer at different moments; within that, only what no right app could have answered is a violation.

import { LikesOverTime } from './history-likes.ts';
import { Presence } from './history-presence.ts';
import { grouped, isBefore, type History, type Operation, type Read, type Violation, type Window, type Write } from './history-types.ts';

export type { History, Operation, Outcome, Read, Violation, Write } from './history-types.ts';

/**
 * The first answer that broke the promise, or undefined.
 * @param othersWithinMs how long others may not see a change that was acknowledged
 * @param lagMs how much longer, because of a replica's lag
 */
export function violationOf(history: History, { othersWithinMs, lagMs = 0 }: { othersWithinMs: number; lagMs?: number }): Violation | undefined {
  const photos = new Photos(history);
  const violations = [...grouped(readsIn(history), ({ session }) => session).values()].flatMap((reads) => firstOf(reads, photos, othersWithinMs + lagMs) ?? []);
  return violations.sort((one, other) => one.read.endedAt - other.read.endedAt)[0];
}

/** The first violation that one session saw. */
function firstOf(reads: readonly Read[], photos: Photos, lateMs: number): Violation | undefined {
  const inOrder = reads.toSorted((one, other) => one.startedAt - other.startedAt);
  /** Judged, and still not over when the read that is looked at began. */
  let open: { read: Read; learn: (() => void)[] }[] = [];
  const known = new Map<string, { presence: Presence; likes: LikesOverTime }>();
  for (const read of inOrder) {
    for (const { learn } of open.filter((earlier) => isBefore(earlier.read, read))) for (const take of learn) take();
    open = open.filter((earlier) => !isBefore(earlier.read, read));
    const learn: (() => void)[] = [];
    for (const photo of photos.judgedIn(read)) {
      const writes = photos.writesOf(photo);
      const own = writes.filter((write) => write.session === read.session && write.outcome === 'acknowledged' && isBefore(write, read));
      const window: Window = { read, photo, own, lateAt: read.startedAt - lateMs };
      const seen = known.get(photo) ?? { presence: new Presence(writes), likes: new LikesOverTime(photos.likesOf(photo)) };
      known.set(photo, seen);
      const likes = read.shown[photo];
      const presence = seen.presence.judge(window, likes !== undefined);
      if ('promise' in presence) return presence;
      learn.push(presence.learn);
      if (likes === undefined) continue;
      const count = seen.likes.judge(window, likes);
      if ('promise' in count) return count;
      learn.push(count.learn);
    }
    open.push({ read, learn });
  }
  return undefined;
}

/** The history by photo. */
class Photos {
  readonly #writes: Map<string, Write[]>;
  readonly #posts = new Map<string, Write>();
  readonly #likes = new Map<string, ReturnType<typeof LikesOverTime.of>>();

  constructor(history: History) {
    const writes = history.filter((operation) => isWrite(operation)).filter(({ outcome }) => outcome !== 'refused');
    this.#writes = grouped(writes, ({ photo }) => photo);
    for (const write of writes) if (write.kind === 'post') this.#posts.set(write.photo, write);
  }

  /** What may have been done to a photo. */
  writesOf(photo: string): readonly Write[] {
    return this.#writes.get(photo) ?? [];
  }

  /** Made once for all who look at it. */
  likesOf(photo: string): ReturnType<typeof LikesOverTime.of> {
    const likes = this.#likes.get(photo) ?? LikesOverTime.of(this.writesOf(photo));
    this.#likes.set(photo, likes);
    return likes;
  }

  /** The photos that a read shows, or would show if they were there. */
  judgedIn({ shown, looked, whole }: Read): string[] {
    const present = Object.keys(shown);
    if (looked !== 'feed' && 'photo' in looked) return [looked.photo];
    // What was over before the photo above the page was posted stands below that one, also when that one is gone by now.
    const above = looked === 'feed' ? Infinity : (this.#posts.get(looked.behind)?.startedAt ?? -Infinity);
    // A page that is full ends somewhere: what was begun after a photo on it was posted belongs above that one.
    const earliest = Math.min(...present.map((photo) => this.#posts.get(photo)?.endedAt ?? Infinity));
    const missing = [...this.#posts.values()].filter((post) => shown[post.photo] === undefined && (whole || post.startedAt > earliest) && (looked === 'feed' || post.endedAt < above));
    return [...present, ...missing.map(({ photo }) => photo)];
  }
}

function isWrite(operation: Operation): operation is Write {
  return operation.kind !== 'read';
}

function readsIn(history: History): Read[] {
  return history.filter((operation) => operation.kind === 'read');
}
