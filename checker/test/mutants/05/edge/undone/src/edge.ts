// The program on each edge: near to its users, it gets for them what storage has.

import http, { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

const { HOST = '127.0.0.1', PORT = '3000', MACHINE_NAME = 'edge', ORIGIN } = process.env;
if (!ORIGIN) throw new Error('ORIGIN is not set: give it to this service in stack.ts.');
const origin = new URL(ORIGIN);

/** For the first byte of an answer. */
const patienceMs = 10_000;
/** Between two bytes of its body, where it may be the client who takes the time. */
const pauseMs = 60_000;
// The origin closes a connection that was unused for 5 s. The edge closes it earlier, or a request could cross that on the way.
const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 2_000 });

// #region forward
function forward(req: IncomingMessage, res: ServerResponse): void {
  const request = http.request({
    host: origin.hostname, port: origin.port, agent, timeout: patienceMs,
    method: req.method, path: req.url, headers: requestHeaders(req),
  });
  request.once('timeout', () => request.destroy(new Error('The origin is silent.')));
  request.once('error', () => {
    if (res.headersSent) res.destroy(); // Half a body must not look like a whole one.
    else answer(res, 502, { title: 'The origin cannot be reached', status: 502 });
  });
  request.once('response', (incoming) => {
    request.setTimeout(pauseMs);
    res.writeHead(incoming.statusCode ?? 502, { ...endToEnd(incoming.headers), 'x-served-by': MACHINE_NAME });
    pipeline(incoming, res, () => {});
  });
  res.once('close', () => request.destroy()); // Nobody works for a client who has left.
  request.end();
}
// #endregion

/** These speak of one connection, and an edge has two: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
/** Of a request also what its sender could make the origin believe, and what belongs to a body, which no GET has here. */
const untrusted = /^(?:host|expect|content-.*|forwarded|x-forwarded-.*|x-real-ip|x-original-url|x-rewrite-url)$/;

/** The head that the origin gets. Its Host is the origin's, whatever the client called it. */
function requestHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(endToEnd(headers)).filter(([name]) => !untrusted.test(name)));
}

function endToEnd(headers: http.IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.includes(name)));
}

function answer(res: ServerResponse, status: number, body: object, headers: OutgoingHttpHeaders = {}): void {
  res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'X-Served-By': MACHINE_NAME, ...headers });
  res.end(JSON.stringify(body));
}

http
  .createServer((req, res) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') answer(res, 405, { title: 'An edge only reads', status: 405 }, { Allow: 'GET, HEAD' });
    // Its own, and nobody else's: an edge without an origin may still have something to give.
    else if (req.url === '/livez') answer(res, 200, { status: 'alive' });
    else if (req.url === '/readyz') answer(res, 200, { status: 'ready' });
    else forward(req, res);
  })
  .listen(Number(PORT), HOST, () => console.log(`This edge is on http://${HOST}:${PORT}`));
