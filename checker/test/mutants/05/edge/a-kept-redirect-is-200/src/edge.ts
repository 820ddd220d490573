// The program on each edge: near to its users, it gives them what it has, and gets for them what storage has.

import http, { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { answerTo, asTrouble, type Found } from './edge-answers.ts';
import { find, type Kept, type Request } from './edge-cache.ts';
import { ask, endToEnd, pauseMs, requestHeaders } from './edge-origin.ts';

const { HOST = '127.0.0.1', PORT = '3000', MACHINE_NAME = 'edge' } = process.env;
const longestUrl = 8 * 1024;
const patienceMs = 10_000;

// #region serve
async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  // A proxy's clients write whole addresses. Whose they are does not matter here: this edge has one origin.
  const url = (req.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '');
  if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405, 'An edge only reads', { Allow: 'GET, HEAD' });
  if (!url.startsWith('/')) return refuse(res, 400, 'This is no address');
  if (url.length > longestUrl) return refuse(res, 414, `An address has at most ${longestUrl} bytes`);
  // Its own, and nobody else's: an edge without an origin may still have something to give.
  if (url === '/livez') return send(res, 200, { status: 'alive' });
  if (url === '/readyz') return send(res, 200, { status: 'ready' });

  const request: Request = { method: 'GET', url, headers: requestHeaders(req) };
  try {
    // What is not here yet is not fetched only to say how large it is.
    const found = req.method === 'HEAD' && !find(request) ? await askForHead(request) : await answerTo(request);
    if ('kept' in found) give(req, res, found.kept, found.how);
    else pass(res, found);
  } catch (error) {
    const { status, message } = asTrouble(error);
    refuse(res, status, message, status === 503 ? { 'Retry-After': '1' } : {});
  }
}

async function askForHead({ url, headers }: Request): Promise<Found> {
  return { how: 'miss', through: await ask('HEAD', url, headers, patienceMs), begun: [], release: () => undefined, why: 'for one client' };
}
// #endregion

// #region give
/** What is held here: as it came, or as the news that nothing has changed. A part of it is not given: whoever asks for one takes all. */
function give(req: IncomingMessage, res: ServerResponse, kept: Kept, how: Found['how']): void {
  const headers: OutgoingHttpHeaders = { ...kept.policy.responseHeaders(), 'x-cache': how, 'x-served-by': MACHINE_NAME };
  delete headers['accept-ranges'];
  if (kept.status === 200 && isUnchanged(req.headers, kept)) {
    for (const name of Object.keys(headers)) if (name.startsWith('content-') && !stays.has(name)) delete headers[name];
    res.writeHead(304, headers).end();
    return;
  }
  // 204 says that there is no body, and has no length of it.
  if (kept.status === 204) delete headers['content-length'];
  else headers['content-length'] = kept.body.length;
  // What a client does not take stays in memory, also when it is no longer kept. Who takes nothing is let go, after once or twice this time.
  res.setTimeout(pauseMs, () => res.destroy());
  res.writeHead(200, headers).end(req.method === 'HEAD' ? undefined : kept.body);
}

/** What a 304 says of the content that the client has: https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5 */
const stays = new Set(['content-location', 'content-security-policy']);

/** Whether a client has what it asks for: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 */
function isUnchanged(headers: IncomingHttpHeaders, { etag, lastModified }: Kept): boolean {
  const known = headers['if-none-match'];
  if (known !== undefined) return known.trim() === '*' || (etag !== undefined && known.split(',').some((one) => opaque(one) === opaque(etag)));
  const since = headers['if-modified-since'];
  return since !== undefined && lastModified !== undefined && Date.parse(lastModified) <= Date.parse(since);
}

const opaque = (etag: string): string => etag.trim().replace(/^W\//, '');
// #endregion

// #region pass
/** What is not held here: as it comes, and as fast as this client takes it. */
function pass(res: ServerResponse, { through, begun, release }: Extract<Found, { through: IncomingMessage }>): void {
  if (res.destroyed) {
    through.destroy(); // The client has left meanwhile.
    release();
    return;
  }
  const headers: IncomingHttpHeaders = { ...endToEnd(through.headers), 'x-cache': 'miss', 'x-served-by': MACHINE_NAME };
  delete headers['accept-ranges'];
  through.socket.setTimeout(pauseMs);
  res.once('close', release);
  res.writeHead(through.statusCode ?? 502, headers);
  begun.forEach((piece, index) => res.write(piece, index === begun.length - 1 ? release : undefined));
  // Closes both: nobody works for a client who has left, and half a body must not look like a whole one.
  pipeline(through, res, () => {});
}

function refuse(res: ServerResponse, status: number, title: string, headers: OutgoingHttpHeaders = {}): void {
  send(res, status, { title, status }, headers);
}

function send(res: ServerResponse, status: number, body: object, headers: OutgoingHttpHeaders = {}): void {
  res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'X-Served-By': MACHINE_NAME, ...headers });
  res.end(JSON.stringify(body));
}
// #endregion

const server = http
  .createServer({
    // People come back after a while, and a new connection costs them a round trip.
    keepAliveTimeout: 65_000,
    // Enough to read an address that is too long, and to say so.
    maxHeaderSize: 32 * 1024,
  }, (req, res) => void serve(req, res))
  .listen(Number(PORT), HOST, () => console.log(`This edge is on http://${HOST}:${PORT}`));

// Takes nobody new, and goes when everybody has their answer, or in time for a deploy, which waits for 10 s.
process.once('SIGTERM', () => {
  server.close(() => process.exit());
  setInterval(() => server.closeIdleConnections(), 20);
  setTimeout(() => process.exit(), 9_000);
});
