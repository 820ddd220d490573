// People who come at their own pace: nobody waits until those before were served. So a machine that is slow has more and
// more of them to serve, as in life. ("Open loop": a closed one, where each request waits for the answer before it,
// asks a slow machine less often, and hides what most people see.)

import { pause, until } from '../runtime/until.ts';
import type { Answer } from './answer.ts';
import { recorded, type CrowdMark, type CrowdRecord, type CrowdRequest } from './crowd-record.ts';
import type { User } from './user.ts';

/** Whoever comes beyond that is not let in: more would be our own computer's problem. */
const maxOpen = 2_000;
/** Of an answer to one of them. With so many open at once, more would fill our own memory first. */
const maxBodyBytes = 2 * 1024 * 1024;
/** Longer than any request of a `User` may take. */
const lastAnswerMs = 25_000;
/** How much of the time between two arrivals is left to chance, so that they do not keep step with a timer of the app. */
const jitter = 0.4;

export interface CrowdOptions {
  /** Arrivals a second. */
  perSecond: number;
  /** What each of them does: one request. */
  does: (who: User, index: number) => Promise<Answer>;
  /** Who they are, in turn; their connections are kept open and used again. */
  people: readonly User[];
}

export class Crowd {
  /** On the clock of `performance.now()`; the times of its record count from here. */
  readonly startedAt = performance.now();
  readonly #options: CrowdOptions;
  readonly #requests: CrowdRequest[] = [];
  readonly #marks: CrowdMark[] = [];
  #arrived = 0;
  #open = 0;
  #unsent = 0;
  #dueAt = this.startedAt;
  #timer: NodeJS.Timeout | undefined;
  #leftAt: number | undefined;
  #break: (error: unknown) => void = () => undefined;
  /** Rejects with what a request of ours threw: a mistake in the check. */
  readonly #broken = new Promise<never>((_resolve, reject) => (this.#break = reject));

  /** They begin to come at once. */
  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#broken.catch(() => undefined);
    for (const { client } of options.people) {
      client.allowConnections(maxOpen);
      client.limitBodies(maxBodyBytes);
    }
    this.#arrive();
  }

  /** Lets it go on for so long. @throws what a request of the check threw */
  async for(ms: number): Promise<void> {
    await Promise.race([pause(ms), this.#broken]);
  }

  /** Notes what happens now, for the timeline: `api-2 killed`. */
  mark(what: string): void {
    this.#marks.push({ at: performance.now() - this.startedAt, what });
  }

  /** Nobody comes any more. Waits until everybody has their answer. @throws what a request of the check threw */
  async leaves(): Promise<CrowdRecord> {
    this.disperse();
    await Promise.race([until('the last answers to a crowd', () => this.#open === 0, { timeoutMs: lastAnswerMs }), this.#broken]);
    return {
      startedAt: this.startedAt,
      leftAt: this.#leftAt ?? 0,
      requests: [...this.#requests].sort((one, other) => one.dueAt - other.dueAt),
      unsent: this.#unsent,
      marks: [...this.#marks],
    };
  }

  /** Nobody comes any more, and nobody looks after those who are there. */
  disperse(): void {
    clearTimeout(this.#timer);
    this.#leftAt ??= performance.now() - this.startedAt;
  }

  /** Sends whoever is due. A timer that was late is made up for: everybody has a moment of their own on the clock. */
  #arrive(): void {
    if (this.#leftAt !== undefined) return;
    while (this.#dueAt <= performance.now()) {
      void this.#serve(this.#arrived, this.#dueAt - this.startedAt);
      this.#arrived += 1;
      this.#dueAt = this.startedAt + ((this.#arrived + Math.random() * jitter) * 1_000) / this.#options.perSecond;
    }
    this.#timer = setTimeout(() => this.#arrive(), Math.max(1, this.#dueAt - performance.now()));
  }

  async #serve(index: number, dueAt: number): Promise<void> {
    if (this.#open >= maxOpen) {
      this.#unsent += 1;
      return;
    }
    const { people, does } = this.#options;
    this.#open += 1;
    try {
      this.#requests.push(recorded(await does(people[index % people.length]!, index), dueAt, this.startedAt));
    } catch (error) {
      this.disperse();
      this.#break(error);
    } finally {
      this.#open -= 1;
    }
  }
}
