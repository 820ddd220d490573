// A breaker, in front of a machine that may be away: when asking it has failed a few times, it is not asked for a
// while, so that nobody waits for what will not come. https://martinfowler.com/bliki/CircuitBreaker.html

/** So many failures in a row are no accident any more. */
const enoughFailures = 3;
const pauseMs = 1000;

// #region breaker
export class Breaker {
  readonly #name: string;
  readonly #patienceMs: number;
  #failures = 0;
  #askAgainAt = 0;

  /** @param patienceMs whoever has not answered by then has failed */
  constructor(name: string, patienceMs: number) {
    this.#name = name;
    this.#patienceMs = patienceMs;
  }

  /** Asks, if it is worth it. Throws what went wrong, `Late` or `Spared`. */
  async run<Result>(ask: () => Promise<Result>): Promise<Result> {
    if (this.#failures >= enoughFailures) {
      if (performance.now() < this.#askAgainAt) throw new Spared(`${this.#name} is not asked at the moment.`);
      // One goes ahead. Until it knows more, the others are spared for another while.
      this.#askAgainAt = performance.now() + pauseMs;
    }
    try {
      const result = await inTime(ask(), this.#patienceMs);
      if (this.#failures >= enoughFailures) console.log(`${this.#name} is used again.`);
      this.#failures = 0;
      return result;
    } catch (error) {
      this.#failures += 1;
      this.#askAgainAt = performance.now() + pauseMs;
      if (this.#failures === enoughFailures) console.error(`${this.#name} is spared from now on: ${String(error)}`);
      throw error;
    }
  }
}
// #endregion

export class Spared extends Error {}
export class Late extends Error {}

/** What comes of a promise, if it comes within this time. It is not ended by it: what comes later is nobody's. */
export function inTime<Result>(promise: Promise<Result>, ms: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Late(`There was no answer within ${ms} ms.`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
