// Mutant: the first machine gets everything, and the others wait for its death.

import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

interface Upstream {
  url: URL;
  ready: boolean;
}

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url): Upstream => ({ url: new URL(url), ready: true }));
const agent = new http.Agent({ keepAlive: true, timeout: 2_000 });
const repeatable = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

function choose(tried: Upstream[]): Upstream | undefined {
  const ready = upstreams.filter((upstream) => upstream.ready && !tried.includes(upstream));
  return ready[0];
}

for (const upstream of upstreams) setInterval(() => void check(upstream), 250);

async function check(upstream: Upstream): Promise<void> {
  try {
    const answer = await fetch(new URL('/readyz', upstream.url), { signal: AbortSignal.timeout(500) });
    upstream.ready = answer.status === 200;
  } catch {
    upstream.ready = false;
  }
}

http.createServer((req, res) => forward(req, res)).listen(Number(process.env.PORT), process.env.HOST);

function forward(req: IncomingMessage, res: ServerResponse, tried: Upstream[] = []): void {
  const upstream = choose(tried);
  if (!upstream) return refuse(res, 503);
  const mayRepeat = repeatable.includes(req.method ?? '');
  const { connection: _hop, 'keep-alive': _byHop, ...headers } = req.headers;
  const outgoing = http.request(upstream.url, {
    method: req.method,
    path: req.url,
    headers: { ...headers, 'x-forwarded-for': req.socket.remoteAddress },
    agent: mayRepeat && agent,
    timeout: mayRepeat && tried.length === 0 ? 400 : 10_000,
  });
  outgoing.on('response', (answer) => {
    outgoing.setTimeout(60_000);
    const { connection: _hop, 'keep-alive': _byHop, ...own } = answer.headers;
    res.writeHead(answer.statusCode ?? 502, own);
    pipeline(answer, res, () => {});
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('silent')));
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    if (res.headersSent || res.destroyed) return void res.destroy();
    const refused = error.code === 'ECONNREFUSED';
    if (refused) upstream.ready = false;
    if (mayRepeat || refused) forward(req, res, [...tried, upstream]);
    else refuse(res, 502);
  });
  res.on('close', () => outgoing.destroy());
  // Not a byte of the body is taken before a machine is there: what is refused can go elsewhere.
  outgoing.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => req.pipe(outgoing));
    else req.pipe(outgoing);
  });
}

function refuse(res: ServerResponse, status: number): void {
  res.writeHead(status, { 'content-type': 'application/problem+json' });
  res.end(JSON.stringify({ title: 'The balancer found no machine', status }));
}
