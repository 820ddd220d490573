import type http from 'node:http';
import type { Answer } from './answer.ts';

/** An upload that its sender sends piece by piece, as a slow phone would. */
export class HeldUpload {
  readonly answer: Promise<Answer>;
  readonly #request: http.ClientRequest;
  readonly #body: Buffer;
  #sent = 0;

  constructor(request: http.ClientRequest, body: Buffer, answer: Promise<Answer>) {
    this.#request = request;
    this.#body = body;
    this.answer = answer;
  }

  /** Sends up to this share of the body, 0 to 1, and waits until it has left. */
  async sendUpTo(share: number): Promise<void> {
    const end = Math.floor(this.#body.length * share);
    const piece = this.#body.subarray(this.#sent, end);
    this.#sent = end;
    await new Promise<void>((resolve) => {
      this.#request.write(piece, () => resolve());
    });
  }

  /** Sends what is left, and ends the request. */
  sendRest(): void {
    this.#request.end(this.#body.subarray(this.#sent));
  }
}
