// Somebody who asks an edge for exactly what the check says: addresses as they are written, and any headers.

import http from 'node:http';
import { Answer, type App } from 'checker/check';
import { regionOf as regionOfMachine } from './edges.ts';

export type Region = 'us' | 'eu' | 'ap';

export const edgeOf: Readonly<Record<Region, string>> = { us: 'edge-us', eu: 'edge-eu', ap: 'edge-ap' };

export function regionOf(edge: string): Region {
  return (['us', 'eu', 'ap'] as const).find((region) => edgeOf[region] === edge) ?? 'us';
}

/** The wire to an edge of those who live where it stands: whether that is where it should stand, 5.4 judges. */
export function wireTo(app: App, edge: string): ReturnType<App['stack']['wireOfPeople']> {
  return app.stack.wireOfPeople(edge, regionOfMachine(app.stack.description, edge));
}

const defaultTimeoutMs = 8_000;
/** A connection that nobody used for so long is let go of, sooner than servers do it. */
const idleMs = 1_000;

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

export interface Begun {
  answer: Promise<Answer>;
  leaves: () => void;
}

export class Person {
  readonly name: string;
  readonly #port: number;
  readonly #agent: http.Agent;

  /** @param connections how many this person has at most */
  constructor(app: App, name: string, region: Region = 'us', connections = 1) {
    this.name = name;
    this.#port = wireTo(app, edgeOf[region]).port;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections, timeout: idleMs });
  }

  /** Never throws: a request that gets no answer is an answer too. */
  asks(path: string, options: Ask = {}): Promise<Answer> {
    return this.begins(path, options).answer;
  }

  /** Asks, and may leave before the answer is there. */
  begins(path: string, { method = 'GET', headers = {}, timeoutMs = defaultTimeoutMs }: Ask = {}): Begun {
    const request = http.request({ host: '127.0.0.1', port: this.#port, path, method, headers, agent: this.#agent });
    const answer = answerTo(request, { who: this.name, method, path: path.length > 100 ? `${path.slice(0, 60)}…` : path }, timeoutMs);
    request.end();
    return { answer, leaves: () => request.destroy() };
  }
}

function answerTo(sent: http.ClientRequest, request: Answer['request'], timeoutMs: number): Promise<Answer> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    let response: http.IncomingMessage | undefined;
    let firstByteAt: number | undefined;
    const pieces: Buffer[] = [];
    const settle = (silence: Answer['silence']): void => {
      clearTimeout(timer);
      const status = silence ? 0 : (response?.statusCode ?? 0);
      const headers = Object.fromEntries(Object.entries(response?.headers ?? {}).map(([name, value]) => [name, [value].flat().join(', ')]));
      resolve(new Answer({ request, sentAt, firstByteAt, endedAt: performance.now(), silence, status, headers, body: Buffer.concat(pieces) }));
      if (silence) sent.destroy();
    };
    const timer = setTimeout(() => settle(response ? 'endless' : 'timeout'), timeoutMs);
    sent.on('error', (error: NodeJS.ErrnoException) => response ?? settle(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
    sent.on('response', (incoming) => {
      response = incoming;
      firstByteAt = performance.now();
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('error', () => settle('reset'));
      incoming.on('close', () => settle(incoming.complete ? undefined : 'reset'));
      incoming.on('end', () => settle(incoming.complete ? undefined : 'reset'));
    });
  });
}
