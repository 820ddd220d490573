// Sends requests as a person's browser or phone does: connections kept open, cookies and tokens sent back, and
// an end to every wait and every body.

import http from 'node:http';
import { Answer, maxBodyBytes, type Request, type Silence } from './answer.ts';
import { Cookies } from './cookies.ts';

const defaultTimeoutMs = 10_000;
/** As many as a phone never needs; a crowd says more. */
const defaultConnections = 64;
/**
 * A connection that nobody used for so long is let go of: sooner than servers do it (Node.js after 5 s), so that none is
 * closed from there at the moment when it is used again. That would look like a failure.
 */
const idleMs = 1_000;

export interface Send {
  method?: string;
  /** A path, or a whole URL. */
  url: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  timeoutMs?: number;
  /** As a stranger: no cookies, no token and no position go with it. */
  asStranger?: boolean;
}

export interface ClientOptions {
  who: string;
  /** Where paths are relative to: `http://127.0.0.1:20017`. */
  base: string;
  /** The person's own address, where the system has some. */
  address?: string | undefined;
  /** What is dialled for public addresses, origin by origin: people of another region have wires of their own. Others are dialled as they are. */
  ways?: ReadonlyMap<string, string> | undefined;
}

export class Client {
  readonly who: string;
  readonly #base: string;
  readonly #agent: http.Agent;
  readonly #ways: ReadonlyMap<string, string>;
  readonly #cookies = new Cookies();
  #maxBodyBytes = maxBodyBytes;
  /** From step 3 on a session is a token and not a cookie. */
  token: string | undefined;
  /** The `X-Position` of the latest answer that had one. What it means is the app's affair; it is sent back with every request. */
  position: string | undefined;

  constructor({ who, base, address, ways = new Map() }: ClientOptions) {
    this.who = who;
    this.#base = base;
    this.#ways = ways;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: defaultConnections, timeout: idleMs, ...(address && { localAddress: address }) });
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies.all;
  }

  /** Lets so many requests be on their way at once; those beyond wait for one of them to end. */
  allowConnections(count: number): void {
    this.#agent.maxSockets = count;
  }

  /** Takes no larger answers from now on: a crowd has very many of them at once. */
  limitBodies(bytes: number): void {
    this.#maxBodyBytes = bytes;
  }

  /** Goes on as somebody who has these cookies, this token and this position, and nothing else in common. */
  resume(other: Client): void {
    this.#cookies.take(other.cookies);
    this.token = other.token;
    this.position = other.position;
  }

  forgetSession(): void {
    this.#cookies.forget();
    this.token = undefined;
    this.position = undefined;
  }

  /** Never throws: a request that gets no answer is an answer too. */
  send({ method = 'GET', url, body, ...rest }: Send): Promise<Answer> {
    const sent = this.open({ method, url, ...(body !== undefined && { length: Buffer.byteLength(body) }), ...rest });
    sent.request.end(body);
    return sent.answer;
  }

  /** Begins a request whose body the caller writes. */
  open({ method, url, headers = {}, length, timeoutMs = defaultTimeoutMs, asStranger = false }: Omit<Send, 'body'> & { method: string; length?: number }): {
    request: http.ClientRequest;
    answer: Promise<Answer>;
  } {
    const target = usable(url, this.#base);
    if (!target) return { request: nobody(), answer: Promise.resolve(this.#unusable(method, url)) };
    const described: Request = { who: this.who, method, path: target.pathname + target.search };
    const request = http.request(this.#way(target), {
      method,
      agent: this.#agent,
      headers: {
        // The address that was meant, whichever way leads there: as a name stays the same wherever it is resolved.
        host: target.host,
        ...(!asStranger && this.#belongings()),
        ...(length !== undefined && { 'content-length': String(length) }),
        ...headers,
      },
    });
    return { request, answer: this.#answer(request, described, timeoutMs) };
  }

  /** What the app gave this person, to be shown each time. */
  #belongings(): Record<string, string> {
    return {
      ...(this.#cookies.all.size > 0 && { cookie: this.#cookies.header }),
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(this.position !== undefined && { 'x-position': this.position }),
    };
  }

  /** What is dialled for an address. */
  #way(target: URL): URL {
    const way = this.#ways.get(target.origin);
    return way === undefined ? target : new URL(target.pathname + target.search, way);
  }

  /** What an app gives as an address may be anything; nothing is asked of anybody outside this computer. */
  #unusable(method: string, url: string): Answer {
    const now = performance.now();
    const request = { who: this.who, method, path: url.slice(0, 200) };
    return new Answer({ request, sentAt: now, firstByteAt: undefined, endedAt: now, silence: 'unusable', status: 0, headers: {}, body: Buffer.alloc(0) });
  }

  /** Closes its connections. */
  close(): void {
    this.#agent.destroy();
  }

  #answer(sent: http.ClientRequest, request: Request, timeoutMs: number): Promise<Answer> {
    const sentAt = performance.now();
    return new Promise((resolve) => {
      let response: http.IncomingMessage | undefined;
      let firstByteAt: number | undefined;
      const chunks: Buffer[] = [];
      const settle = (silence: Silence | undefined): void => {
        clearTimeout(timer);
        if (response) this.#keep(response);
        resolve(
          new Answer({
            request,
            sentAt,
            firstByteAt,
            endedAt: performance.now(),
            silence,
            status: silence ? 0 : (response?.statusCode ?? 0),
            headers: flatten(response?.headers ?? {}),
            body: Buffer.concat(chunks),
          }),
        );
        if (silence) sent.destroy();
      };
      const timer = setTimeout(() => settle(response ? 'endless' : 'timeout'), timeoutMs);
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // An answer may come before the request is sent whole (413), and the rest of it has nowhere to go then.
        if (!response) settle(error.code === 'ECONNREFUSED' ? 'refused' : 'reset');
      });
      sent.on('response', (incoming) => {
        response = incoming;
        firstByteAt = performance.now();
        let size = 0;
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > this.#maxBodyBytes) settle('too large');
          else chunks.push(chunk);
        });
        incoming.on('end', () => settle(incoming.complete ? undefined : 'reset'));
        incoming.on('error', () => settle('reset'));
        incoming.on('close', () => settle(incoming.complete ? undefined : 'reset'));
      });
    });
  }

  #keep(response: http.IncomingMessage): void {
    this.#cookies.keep(response.headers['set-cookie'] ?? []);
    const position = [response.headers['x-position']].flat().join(', ');
    // What may come in a header is more than what may be sent in one.
    if (position !== '' && !/[^\x20-\x7e]/.test(position)) this.position = position;
  }
}

function usable(url: string, base: string): URL | undefined {
  if (!URL.canParse(url, base)) return undefined;
  const target = new URL(url, base);
  const isHere = target.hostname === 'localhost' || target.hostname === '[::1]' || /^127(\.\d+){3}$/.test(target.hostname);
  return target.protocol === 'http:' && isHere ? target : undefined;
}

/** A request that is over before it began. */
function nobody(): http.ClientRequest {
  const request = http.request({ host: '127.0.0.1', agent: false }).on('error', () => undefined);
  return request.destroy();
}

function flatten(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
