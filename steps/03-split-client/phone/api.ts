// The API as a phone sees it: requests with a token, answers in JSON, and trouble in words.

export interface Photo {
  id: string;
  username: string;
  caption: string;
  imageUrl: string;
  likes: number;
}

/** What kept a command from doing its work, in words for whoever typed it. */
export class Trouble extends Error {
  override name = 'Trouble';
}

/** An error that the API answered with. */
export class Refusal extends Trouble {
  override name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a phone has of an API. */
export interface Belongings {
  token?: string | undefined;
  /** The `X-Position` of its latest answer: what it means is the API's affair, and it is sent back with the next request. */
  position?: string | undefined;
  /** Keeps a new position. */
  keepPosition?: (position: string) => Promise<void>;
}

const patienceMs = 10_000;

export class Api {
  readonly address: string;
  readonly #has: Belongings;

  constructor(address: string, has: Belongings) {
    this.address = address;
    this.#has = has;
  }

  /** Sends a request and returns its answer. @throws Trouble when there is none, or when it is an error. */
  send = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const isForm = body instanceof FormData;
    const headers = {
      ...(this.#has.token !== undefined && { Authorization: `Bearer ${this.#has.token}` }),
      ...(this.#has.position !== undefined && { 'X-Position': this.#has.position }),
      ...(body !== undefined && !isForm && { 'Content-Type': 'application/json' }),
    };
    const response = await this.#fetch(new URL(path, this.address), {
      method,
      headers,
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text().catch(() => '');
    await this.#noteWhere(response);
    if (!response.ok) {
      const again = response.status === 401 && this.#has.token !== undefined ? ' Log in again: npm run phone -- log-in <name>' : '';
      throw new Refusal(response.status, `${explanation(response, text)}${again}`);
    }
    return (text === '' ? undefined : asJson(text, this.address)) as Answer;
  };

  /** Sends bytes to an address that the API gave, with the headers that it gave and no token. @throws Trouble when they are not taken */
  put = async (url: string, headers: Record<string, string>, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
    const target = new URL(url, this.address);
    const response = await this.#fetch(target, { method: 'PUT', headers, body: bytes, signal: AbortSignal.timeout(patienceMs) });
    const text = await response.text().catch(() => '');
    if (!response.ok) throw new Refusal(response.status, explanation(response, text));
  };

  async #noteWhere({ headers }: Response): Promise<void> {
    const position = headers.get('x-position');
    if (position === null || position === '' || position === this.#has.position) return;
    this.#has.position = position;
    await this.#has.keepPosition?.(position);
  }

  async #fetch(target: URL, init: RequestInit): Promise<Response> {
    const who = target.origin === new URL(this.address).origin ? `The API at ${this.address}` : `The storage at ${target.origin}`;
    try {
      return await fetch(target, init);
    } catch (error) {
      const isSilent = error instanceof Error && error.name === 'TimeoutError';
      throw new Trouble(isSilent ? `${who} did not answer within ${patienceMs / 1000} s.` : `${who} cannot be reached. Does it run, and is that its address?`);
    }
  }
}

/** What the API says about an error (problem details, RFC 9457), or its status alone. */
function explanation({ status, headers }: Response, text: string): string {
  const waitS = secondsUntil(headers.get('retry-after') ?? '');
  const later = waitS === undefined ? '' : ` Try again ${waitS > 0 ? `in ${waitS} s` : 'now'}.`;
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === 'string') return `${status}: ${detail}${later}`;
  } catch {
    // Then the status has to do.
  }
  return `The answer was ${status}, and not in words that a phone understands.${later}`;
}

/** Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3); undefined when it is neither. */
function secondsUntil(retryAfter: string): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const dateMs = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(retryAfter) ? Date.parse(retryAfter) : NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, Math.ceil((dateMs - Date.now()) / 1000));
}

function asJson(text: string, address: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Trouble(`What answers at ${address} is no API: it says ${JSON.stringify(text.slice(0, 60))}.`);
  }
}
