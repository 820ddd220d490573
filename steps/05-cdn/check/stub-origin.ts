// Stands in the place of `storage`, and is a right origin: HEAD, conditions and ranges are answered as RFC 9110 has it.
// It keeps a record of what it was asked for, which is how a check knows what an edge keeps.

import type http from 'node:http';
import type { StandIn } from 'checker/check';

/** A request as it arrived at the origin. */
export interface Asked {
  method: string;
  /** As it was sent, query included. */
  url: string;
  headers: http.IncomingHttpHeaders;
}

/** What the origin answers with. */
export interface Given {
  status?: number;
  headers?: Record<string, string>;
  /** In pieces, it comes as the pieces do; a failure among them breaks the connection. */
  body?: Buffer | string | AsyncIterable<Buffer>;
}

/** @param times how often this address was asked for, this time included */
export type Giving = Given | ((asked: Asked, times: number) => Given | Promise<Given>);

export class StubOrigin {
  readonly standIn: StandIn = { http: (request, response) => void this.#answer(request, response).catch(() => response.destroy()) };
  readonly #giving = new Map<string, Giving>();
  readonly #asked = new Map<string, Asked[]>();

  /** From now on, what there is at a path, whatever the query. */
  gives(path: string, giving: Giving): void {
    this.#giving.set(path, giving);
  }

  /** What has arrived for a path, or for a path with a query. */
  askedFor(address: string): readonly Asked[] {
    const asked = this.#asked.get(pathOf(address)) ?? [];
    return address.includes('?') ? asked.filter(({ url }) => url === address) : asked;
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    request.resume();
    const { method = 'GET', url = '/', headers } = request;
    const path = pathOf(url);
    const known = this.#asked.get(path) ?? [];
    known.push({ method, url, headers });
    this.#asked.set(path, known);
    const giving = this.#giving.get(path) ?? (/^\/(livez|readyz)$/.test(path) ? { headers: { 'cache-control': 'no-store' }, body: 'ready' } : nothing);
    const given = typeof giving === 'function' ? await giving({ method, url, headers }, known.length) : giving;
    if (method === 'GET' || method === 'HEAD') await send(given, request, response);
    else response.writeHead(405, { allow: 'GET, HEAD', 'cache-control': 'no-store' }).end();
  }
}

const nothing: Given = { status: 404, headers: { 'cache-control': 'no-store' }, body: 'There is nothing here.' };

function pathOf(url: string): string {
  return url.split('?')[0] ?? url;
}

async function send({ status = 200, headers = {}, body = '' }: Given, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const isHead = request.method === 'HEAD';
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) {
    response.writeHead(status, headers);
    // Each has to be on its way before the next, which may be the end of the connection.
    if (!isHead) for await (const piece of body) await new Promise((resolve) => response.write(piece, resolve));
    response.end();
    return;
  }
  const bytes = Buffer.from(body);
  if (status === 200 && isKnown(headers, request.headers)) {
    response.writeHead(304, headers).end();
    return;
  }
  const part = status === 200 ? partOf(bytes, headers, request.headers) : undefined;
  if (part) {
    const range = { 'content-range': `bytes ${part.first}-${part.last}/${bytes.length}`, 'content-length': String(part.last - part.first + 1) };
    response.writeHead(206, { ...headers, ...range }).end(isHead ? undefined : bytes.subarray(part.first, part.last + 1));
    return;
  }
  const length = status === 204 || status === 304 ? {} : { 'content-length': String(bytes.length) };
  response.writeHead(status, { 'accept-ranges': 'bytes', ...headers, ...length }).end(isHead ? undefined : bytes);
}

/** Whether the one who asks has it already (RFC 9110, section 13.2.2). */
function isKnown(given: Record<string, string>, asked: http.IncomingHttpHeaders): boolean {
  const tags = asked['if-none-match'];
  if (tags !== undefined) return given['etag'] !== undefined && tags.split(',').some((tag) => weak(tag) === weak(given['etag'] ?? '') || tag.trim() === '*');
  const since = Date.parse(asked['if-modified-since'] ?? '');
  return Date.parse(given['last-modified'] ?? '') <= since;
}

function weak(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

/** The one range that is asked for; several, or a range of another version, get the whole (RFC 9110, section 14.2). */
function partOf(bytes: Buffer, given: Record<string, string>, asked: http.IncomingHttpHeaders): { first: number; last: number } | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(asked.range ?? '') ?? [];
  if (first === undefined || (asked['if-range'] !== undefined && asked['if-range'] !== given['etag'])) return undefined;
  const end = last === undefined || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1);
  return Number(first) <= end ? { first: Number(first), last: end } : undefined;
}
