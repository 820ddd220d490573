// Whether a photo is there, as one session gets to know it: first it is not, then it is, then it is not for ever.

import { latestOf, type Operation, type Promised, type Right, type Violation, type Window, type Write } from './history-types.ts';

interface Known {
  promise: Promised;
  proof: Operation;
}

export class Presence {
  readonly #writes: readonly Write[];
  /** By what the session has seen it, and that it is gone. */
  #posted: Operation | undefined;
  #deleted: Operation | undefined;

  /** @param writes all that may have been done to the photo */
  constructor(writes: readonly Write[]) {
    this.#writes = writes;
  }

  judge(window: Window, present: boolean): Right | Violation {
    const { read, photo } = window;
    const posted = this.#known('post', this.#posted, window);
    const deleted = this.#known('delete', this.#deleted, window);
    const isFeed = read.looked === 'feed' || 'behind' in read.looked;
    if (present) {
      if (deleted) return { ...deleted, read, photo, saw: isFeed ? 'a feed with the photo' : 'the photo', expected: 'no such photo' };
      return { learn: () => (this.#posted = read) };
    }
    const couldBeGone = this.#writes.some(({ kind, startedAt }) => kind === 'delete' && startedAt <= read.endedAt);
    if (posted && !deleted && !couldBeGone) return { ...posted, read, photo, saw: isFeed ? 'a feed without the photo' : 'that there is no such photo', expected: 'the photo' };
    // It was there, and is not: so it is gone.
    return { learn: () => (this.#deleted ??= posted ? read : undefined) };
  }

  /** Whether the session can know that this has happened, and by what. */
  #known(kind: Write['kind'], seen: Operation | undefined, { own, lateAt }: Window): Known | undefined {
    const mine = own.find((write) => write.kind === kind);
    if (mine) return { promise: 'own', proof: mine };
    const old = this.#writes.find((write) => write.kind === kind && latestOf(write) <= lateAt);
    if (old && !seen) return { promise: 'late', proof: old };
    return seen && { promise: 'back', proof: seen };
  }
}
