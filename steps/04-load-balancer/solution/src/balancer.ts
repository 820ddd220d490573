// The load balancer: one address for everybody, and the machine behind it that can serve.

import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { answerHeaders, hasBody, hasPassed, isRepeatable, isSafe, requestHeaders } from './headers.ts';
import { check, choose, hasSpare, watchUpstreams, type Upstream } from './upstreams.ts';

const name = process.env.MACHINE_NAME ?? 'lb';
const maxTries = 3;
/** For the first byte of an answer from the first machine, if another can take over: a silent one costs no more than this. */
const firstPatienceMs = 400;
/** For the last machine that is asked, and wherever a second try is out of the question. */
const patienceMs = 10_000;
/** Between two bytes of an answer, also when the client is slow to take them. */
const pauseMs = 60_000;

// #region forward
/** Has a machine answer. Another one is tried when the first did not get the request, or when sending it twice does no harm. */
async function forward(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (hasPassed(req, name)) return refuse(res, 508, 'The balancer is its own upstream');
  const tried: Upstream[] = [];
  for (;;) {
    const upstream = choose(tried);
    if (!upstream) return refuse(res, 503, 'No machine can serve at the moment');
    tried.push(upstream);
    const isHasty = tried.length === 1 && isSafe(req) && !hasBody(req) && hasSpare();
    try {
      return deliver(await send(req, res, upstream, isHasty ? firstPatienceMs : patienceMs), res);
    } catch (error) {
      if (res.destroyed) return; // The client has left.
      const refused = isRefusal(error);
      if (refused) upstream.healthy = false;
      // Anything else is a suspicion and no proof. Whether it can serve, the machine is asked at once.
      void check(upstream);
      const mayRepeat = refused || (isRepeatable(req) && (isHasty || !(error instanceof Silence)));
      if (mayRepeat && tried.length < maxTries) continue;
      return error instanceof Silence ? refuse(res, 504, 'The machine did not answer in time') : refuse(res, 502, 'The machine broke the connection');
    }
  }
}

class Silence extends Error {}

/** Nobody listens there: the one failure after which it is certain that nothing arrived. */
const isRefusal = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
// #endregion

// #region send
/** Passes the request on. Fulfilled with the head of the answer. @throws Silence, or the error of the connection. */
function send(req: IncomingMessage, res: ServerResponse, upstream: Upstream, timeoutMs: number): Promise<IncomingMessage> {
  const { url, agent } = upstream;
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: url.hostname, port: url.port, method: req.method, path: req.url, headers: requestHeaders(req, name), timeout: timeoutMs,
      // An upstream may close an unused connection at the moment when a request is on its way there. What must not be
      // sent again goes over a connection of its own.
      agent: isRepeatable(req) && agent,
    });
    upstream.active += 1;
    request.once('close', () => (upstream.active -= 1));
    request.on('timeout', () => request.destroy(new Silence())); // Neither a byte sent nor one received for so long.
    request.on('error', reject);
    request.once('response', (answer) => {
      request.setTimeout(pauseMs);
      resolve(answer);
    });
    // Nobody works for a client who has left.
    res.once('close', () => request.destroy());
    if (hasBody(req)) sendBody(req, res, request);
    else request.end();
  });
}

/** Not a byte of a body is taken from the client before a machine is there: a refused request is whole and can go elsewhere. */
function sendBody(req: IncomingMessage, res: ServerResponse, request: http.ClientRequest): void {
  request.once('socket', (socket) => socket.once('connect', () => {
    if (req.headers.expect) res.writeContinue();
    // `pipe` and not `pipeline`, which would end the client's connection together with the upstream's.
    req.pipe(request);
    // An answer such as 413 comes early. The rest of the body is read for nobody, so that the client gets to reading the answer.
    request.once('close', () => req.resume());
  }));
}
// #endregion

// #region deliver
/** Passes the answer on, as fast as the client takes it. */
function deliver(answer: IncomingMessage, res: ServerResponse): void {
  closeWhenDraining(res);
  res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer));
  // Half a body must not look like a whole one: the client's connection breaks as the upstream's did.
  answer.on('error', () => res.socket?.resetAndDestroy());
  answer.pipe(res);
}

/** The balancer's own answers, the only ones that carry its name. */
function refuse(res: ServerResponse, status: number, title: string): void {
  closeWhenDraining(res);
  res.writeHead(status, { 'Content-Type': 'application/problem+json', 'X-Served-By': name, ...(status === 503 && { 'Retry-After': '1' }) });
  res.end(JSON.stringify({ title, status }));
}
// #endregion

// #region server
const server = http.createServer({
  // Who sends a head byte by byte holds a connection for nothing.
  headersTimeout: 8_000,
  connectionsCheckingInterval: 1_000,
  // Browsers use a connection again after a while; a new one costs them a round trip.
  keepAliveTimeout: 65_000,
});
server.on('request', (req, res) => void forward(req, res));
server.on('checkContinue', (req, res) => void forward(req, res));
await watchUpstreams();
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1');
// #endregion

// #region drain
const graceMs = 9_000;

/** Once the balancer takes nobody new, each answer says that it is the last on its connection. */
function closeWhenDraining(res: ServerResponse): void {
  if (!server.listening) res.shouldKeepAlive = false;
}

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 100);
  setTimeout(() => server.closeAllConnections(), graceMs);
});
// #endregion
