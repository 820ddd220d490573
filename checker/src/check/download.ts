// Somebody who loads something large and takes it at their own pace.

import { createHash } from 'node:crypto';
import http from 'node:http';

/** What a download came to. */
export interface Loaded {
  bytes: number;
  /** SHA-256 of them, in hex. */
  digest: string;
  /** Why it is not whole; undefined when it is. */
  broken: string | undefined;
}

export class Download {
  readonly #request: http.ClientRequest;
  readonly #response: http.IncomingMessage;

  private constructor(request: http.ClientRequest, response: http.IncomingMessage) {
    this.#request = request;
    this.#response = response;
  }

  /** Asks, and waits for the head of the answer; nothing of its body is taken yet. @returns undefined when no answer began. */
  static begin(url: string, timeoutMs = 10_000): Promise<Download | undefined> {
    return new Promise((resolve) => {
      const request = http.get(url, { agent: false });
      const timer = setTimeout(() => request.destroy(new Error('no answer')), timeoutMs);
      request.on('response', (response) => {
        clearTimeout(timer);
        // The end of a connection is told by what it carried: see `rest`.
        response.on('error', () => undefined);
        resolve(new Download(request, response));
      });
      request.on('error', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  /** Takes some of the body, if some comes. */
  async takesSome(timeoutMs = 5_000): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#response.pause();
        resolve();
      };
      this.#response.once('data', settle);
      this.#response.once('close', settle);
    });
  }

  /** Whether nothing more can come: it is all there, or its connection broke, which can be before anything of it was taken. */
  get isOver(): boolean {
    return this.#response.closed;
  }

  /** Takes all that there is, as fast as it comes, and for no longer than `timeoutMs`. */
  rest(timeoutMs = 30_000): Promise<Loaded> {
    return new Promise((resolve) => {
      const hash = createHash('sha256');
      let bytes = 0;
      let cameAt = performance.now();
      const settle = (broken: string | undefined): void => {
        clearTimeout(timer);
        resolve({ bytes, digest: hash.copy().digest('hex'), broken });
      };
      const end = (): void => settle(this.#response.complete ? undefined : 'the connection was closed');
      const timer = setTimeout(() => {
        const isComing = performance.now() - cameAt < timeoutMs / 3;
        settle(isComing ? `no end after ${timeoutMs / 1_000} s` : 'nothing more came');
      }, timeoutMs);
      // Of what is over no event tells.
      if (this.isOver) return end();
      this.#response.on('data', (piece: Buffer) => {
        hash.update(piece);
        bytes += piece.length;
        cameAt = performance.now();
      });
      this.#response.once('end', end);
      this.#response.once('close', end);
    });
  }

  /** Leaves, whatever is still to come. */
  leaves(): void {
    this.#request.destroy();
  }
}
