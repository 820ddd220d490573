// A breaker stands before a machine that may be away. When asking it has failed, it is not asked for a while, so that nobody
// waits for what will not come. https://martinfowler.com/bliki/CircuitBreaker.html

import { setTimeout as delay } from 'node:timers/promises';

/** One may be an accident, two in a row are none. */
const enoughFailures = 2;
const probeEveryMs = 3_600_000;
/** Nobody waits for a probe, and on a busy day a connection takes its time. */
const probePatienceMs = 500;

export interface BreakerOptions {
  /** Whom it spares: `the cache`. */
  name: string;
  /** Who has not answered by then has failed. */
  patienceMs: number;
  /** The least that can be asked of the machine, to learn whether it is back. */
  probe: () => Promise<unknown>;
}

// #region breaker
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Asks, if it is worth it. Throws what went wrong, `Late` or `Spared`. */
  async run<Result>(ask: () => Promise<Result>): Promise<Result> {
    const { name, patienceMs } = this.#options;
    if (this.#failures >= enoughFailures) throw new Spared(`Not asked at the moment: ${name}.`);
    try {
      const result = await inTime(ask(), patienceMs);
      this.#failures = 0;
      return result;
    } catch (error) {
      this.#failures += 1;
      // Several may be under way when it opens. One of them is enough to look after it.
      if (this.#failures === enoughFailures) void this.#waitForReturn(error);
      throw error;
    }
  }

  /** Tries again and again, and not on people: none of them waits for a machine that may still be away. */
  async #waitForReturn(error: unknown): Promise<void> {
    const { name, probe } = this.#options;
    console.error(`From now on without ${name}: ${String(error)}`);
    for (let isBack = false; !isBack; ) {
      await delay(probeEveryMs, undefined, { ref: false });
      isBack = await inTime(probe(), probePatienceMs).then(() => true, () => false);
    }
    console.log(`With ${name} again`);
    this.#failures = 0;
  }
}
// #endregion

export class Spared extends Error {}
export class Late extends Error {}

/** What comes of a promise, if it comes within this time. It is not ended by it: what comes later is nobody's. */
export function inTime<Result>(promise: Promise<Result>, ms: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Late(`There was no answer within ${ms} ms.`));
    // When this process itself was held up, the answer may be there, unread. Node.js reads before it comes to an immediate.
    const timer = setTimeout(() => setImmediate(late), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
