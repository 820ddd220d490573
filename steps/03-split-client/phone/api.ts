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

const patienceMs = 10_000;

export class Api {
  readonly address: string;
  readonly #token: string | undefined;

  constructor(address: string, token: string | undefined) {
    this.address = address;
    this.#token = token;
  }

  /** Sends a request and returns its answer. @throws Trouble when there is none, or when it is an error. */
  send = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const isForm = body instanceof FormData;
    const headers = {
      ...(this.#token !== undefined && { Authorization: `Bearer ${this.#token}` }),
      ...(body !== undefined && !isForm && { 'Content-Type': 'application/json' }),
    };
    const response = await this.#fetch(path, {
      method,
      headers,
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text().catch(() => '');
    if (!response.ok) {
      const again = response.status === 401 && this.#token !== undefined ? ' Log in again: npm run phone -- log-in <name>' : '';
      throw new Trouble(`${explanation(response, text)}${again}`);
    }
    return (text === '' ? undefined : asJson(text, this.address)) as Answer;
  };

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(new URL(path, this.address), init);
    } catch (error) {
      const isSilent = error instanceof Error && error.name === 'TimeoutError';
      throw new Trouble(
        isSilent ? `The API at ${this.address} did not answer within ${patienceMs / 1000} s.` : `The API at ${this.address} cannot be reached. Does it run, and is that its address?`,
      );
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
  return `The API answered ${status}, and not in words that a phone understands.${later}`;
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
