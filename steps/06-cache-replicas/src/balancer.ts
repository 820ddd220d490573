// The load balancer: one address for everybody, and behind it whichever machine can serve.

import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type Socket } from 'node:net';
import { answerHeaders, hasBody, isRepeatable, isSafe, objectionTo, requestHeaders } from './headers.ts';
import { choose, hasSpare, suspect, watchUpstreams, type Upstream } from './upstreams.ts';

const name = process.env.MACHINE_NAME ?? 'lb';
const maxTries = 3;
/** For the first byte of an answer from the first machine, if another can take over: a silent one costs no more than this. */
const firstPatienceMs = 400;
/** For the last machine that is asked, and wherever a second try is out of the question. */
const patienceMs = 10_000;
/** Between two bytes of a body, where it may be the client who takes the time. */
const pauseMs = 60_000;

// #region forward
/** Has a machine answer. Another one is tried when the first did not get the request, or when sending it twice does no harm. */
async function forward(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const objection = objectionTo(req, name);
  if (objection) return refuse(res, objection.status, objection.title);
  const tried: Upstream[] = [];
  for (;;) {
    const upstream = choose(tried);
    if (!upstream) return refuse(res, 503, 'No machine can serve at the moment');
    tried.push(upstream);
    const isHasty = tried.length === 1 && isSafe(req) && isRepeatable(req) && hasSpare();
    try {
      return deliver(await send(req, res, upstream, isHasty ? firstPatienceMs : patienceMs), res);
    } catch (error) {
      if (res.destroyed) return; // The client has left.
      const isRefused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      suspect(upstream, isRefused);
      // Refused is the one failure that proves that nothing arrived.
      const mayRepeat = isRefused || (isRepeatable(req) && (isHasty || !(error instanceof Silence)));
      if (mayRepeat && tried.length < maxTries) continue;
      return error instanceof Silence ? refuse(res, 504, 'The machine did not answer in time') : refuse(res, 502, 'The machine broke off');
    }
  }
}
// #endregion

// #region send
/** Passes the request on. Fulfilled with the head of the answer. @throws Silence, or the error of the connection. */
function send(req: IncomingMessage, res: ServerResponse, upstream: Upstream, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: upstream.url.hostname, port: upstream.url.port, timeout: timeoutMs,
      method: req.method, path: req.url, headers: requestHeaders(req, name),
      // A machine may close an unused connection while a request is on its way there. What must not be sent again
      // goes over a connection of its own.
      agent: isRepeatable(req) && upstream.agent,
    });
    upstream.active += 1;
    request.once('close', () => {
      upstream.active -= 1;
      reject(noAnswer); // Unless there was one: then this comes too late to count.
    });
    request.once('timeout', () => request.destroy(new Silence())); // Not a byte in either direction for so long.
    request.on('error', reject);
    request.once('response', (answer) => {
      request.setTimeout(pauseMs);
      // Half a body must not look like a whole one: the client's connection breaks as the machine's did. An error of the
      // request counts too, because where no length was given, Node takes it for the end of the body.
      for (const half of [answer, request]) half.on('error', () => res.socket?.resetAndDestroy());
      resolve(answer);
    });
    res.once('close', () => request.destroy()); // Nobody works for a client who has left.
    if (hasBody(req)) sendBody(req, res, request);
    else request.end();
  });
}

/** Takes no byte from the client before a machine is there: a request that is refused is whole, and can go to another one. */
function sendBody(req: IncomingMessage, res: ServerResponse, request: http.ClientRequest): void {
  request.once('socket', (socket) => socket.once('connect', () => {
    if (req.headers.expect) res.writeContinue();
    // A phone may take its time. The machine's begins when it has everything.
    request.setTimeout(pauseMs);
    req.once('end', () => request.setTimeout(patienceMs));
    // pipe, because pipeline would end the client's connection together with the machine's.
    req.pipe(request);
    // An answer such as 413 comes early. What is left of the body is read for nobody, so that the client gets to the answer.
    request.once('close', () => req.resume());
  }));
}

class Silence extends Error {}
const noAnswer = new Error('The connection was closed.');
// #endregion

// #region deliver
/** Passes the answer on, as fast as the client takes it. */
function deliver(answer: IncomingMessage, res: ServerResponse): void {
  res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer));
  // What pipe does, for less work a request: when the client cannot take more, the machine has to wait.
  answer.on('data', (bytes) => {
    if (res.write(bytes)) return;
    answer.pause();
    res.once('drain', () => answer.resume());
  });
  answer.once('end', () => res.end());
}

/** The balancer's own answers, the only ones that carry its name. */
function refuse(res: ServerResponse, status: number, title: string): void {
  res.writeHead(status, { 'Content-Type': 'application/problem+json', 'X-Served-By': name, ...(status === 503 && { 'Retry-After': '1' }) });
  res.end(JSON.stringify({ title, status }));
}
// #endregion

// #region server
const server = http.createServer({
  // Who sends a head byte by byte occupies a connection for nothing.
  headersTimeout: 8_000,
  connectionsCheckingInterval: 1_000,
  // People come back after a while, and a new connection costs them a round trip.
  keepAliveTimeout: 65_000,
});
server.on('request', serve);
server.on('checkContinue', serve); // Whether the client shall send its body is not decided here: see sendBody.
await watchUpstreams();
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1');
// #endregion

// #region drain
/** The clients' connections, each with the latest answer on it. */
const connections = new Map<Socket, ServerResponse | undefined>();
server.on('connection', (socket) => {
  connections.set(socket, undefined);
  socket.once('close', () => connections.delete(socket));
});

function serve(req: IncomingMessage, res: ServerResponse): void {
  connections.set(req.socket, res);
  void forward(req, res);
}

process.once('SIGTERM', () => {
  // net's close takes nobody new and waits. http's would cut off answers that are still on their way to a slow client.
  net.Server.prototype.close.call(server, () => process.exit(0));
  for (const [socket, answer] of connections) {
    if (!answer || answer.writableFinished) socket.destroy(); // Nothing is under way there.
    else answer.once('finish', () => socket.end()).shouldKeepAlive = false;
  }
  setTimeout(() => process.exit(0), 9_000); // A deploy waits for 10 s.
});
// #endregion
