// One request as its sender saw it. Recorded first, judged afterwards.

/**
 * `endless` began and did not come to its end in time. `unusable` was never sent: an address that is none, or that leads
 * away from this computer.
 */
export type Silence = 'refused' | 'reset' | 'timeout' | 'endless' | 'too large' | 'unusable';

/** No answer of the app is a hundredth as large. */
export const maxBodyBytes = 64 * 1024 * 1024;

export interface Request {
  /** Who sent it: `Ada`. */
  who: string;
  method: string;
  path: string;
}

/** What came back, or that nothing did. */
export class Answer {
  readonly request: Request;
  /** On the clock of `performance.now()`. */
  readonly sentAt: number;
  /** When the head of the answer came; undefined when none did. A silence with it broke off, one without it said nothing. */
  readonly firstByteAt: number | undefined;
  readonly endedAt: number;
  /** Why there was no whole answer. */
  readonly silence: Silence | undefined;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;

  constructor(parts: Pick<Answer, 'request' | 'sentAt' | 'firstByteAt' | 'endedAt' | 'silence' | 'status' | 'headers' | 'body'>) {
    this.request = parts.request;
    this.sentAt = parts.sentAt;
    this.firstByteAt = parts.firstByteAt;
    this.endedAt = parts.endedAt;
    this.silence = parts.silence;
    this.status = parts.status;
    this.headers = parts.headers;
    this.body = parts.body;
  }

  get ms(): number {
    return this.endedAt - this.sentAt;
  }

  /** The machine that says it answered. */
  get machine(): string | undefined {
    return this.headers['x-served-by'];
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as JSON, or undefined when it is none. */
  get json(): unknown {
    try {
      return JSON.parse(this.body.toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  }

  /** `POST /api/photos` */
  get call(): string {
    return `${this.request.method} ${this.request.path}`;
  }

  /** `POST /api/photos → 500 after 12 ms`, with the beginning of a body that explains. */
  toString(): string {
    if (this.silence === 'timeout') return `${this.call} → no answer within ${(this.ms / 1000).toFixed(1)} s`;
    if (this.silence === 'refused') return `${this.call} → connection refused`;
    if (this.silence === 'reset') return `${this.call} → connection closed without a whole answer after ${Math.round(this.ms)} ms`;
    if (this.silence === 'unusable') return `${this.call} → not an address on these machines`;
    if (this.silence === 'too large') return `${this.call} → more than ${Math.round(this.body.length / 1024 / 1024)} MB, and still no end`;
    if (this.silence === 'endless') return `${this.call} → an answer that had not come to its end after ${(this.ms / 1000).toFixed(1)} s`;
    return `${this.call} → ${this.status}${this.#explanation()}`;
  }

  #explanation(): string {
    if (this.ok) return '';
    const { title, detail } = (this.json ?? {}) as { title?: unknown; detail?: unknown };
    const words = [title, detail].filter((word) => typeof word === 'string' && word !== '');
    return words.length > 0 ? ` (${words.join(': ').slice(0, 160)})` : '';
  }
}
