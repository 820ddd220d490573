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
  /** Who has not answered by then has failed. For `run`. */
  patienceMs?: number;
  /** The least that can be asked of the machine, to learn whether it is back. */
  probe: () => Promise<unknown>;
  /** Whether an error says that the machine is away. Otherwise every error does. */
  isFailure?: (error: unknown) => boolean;
}

// #region breaker
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #isOpen = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Whether the machine is away, as far as anybody knows. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Asks, if it is worth it. Throws what went wrong, `Late` or `Spared`. */
  async run<Result>(ask: () => Promise<Result>): Promise<Result> {
    const { name, patienceMs } = this.#options;
    if (this.#isOpen) throw new Spared(`Not asked at the moment: ${name}.`);
    return this.watch(patienceMs === undefined ? ask() : inTime(ask(), patienceMs));
  }

  /** Learns from the answer to something that is asked in any case. */
  async watch<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      const result = await answer;
      this.#note();
      return result;
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  #note(error?: unknown): void {
    // What was under way when it opened says nothing new: only a probe closes it, and one who sends probes is enough.
    if (this.#isOpen) return;
    const { isFailure = () => true } = this.#options;
    this.#failures = error !== undefined && isFailure(error) ? this.#failures + 1 : 0;
    if (this.#failures < enoughFailures) return;
    this.#isOpen = true;
    void this.#waitForReturn(error);
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
    this.#isOpen = false;
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
