// Mutant: the health check is content when the port is open, as it is at a stopped program. Who waits there is told so after a second.

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net from 'node:net';
import { pipeline } from 'node:stream';

interface Upstream {
  url: URL;
  ready: boolean;
}

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url): Upstream => ({ url: new URL(url), ready: true }));
const agent = new http.Agent({ keepAlive: true, timeout: 2_000 });
const repeatable = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

let turn = 0;
function choose(tried: Upstream[]): Upstream | undefined {
  const ready = upstreams.filter((upstream) => upstream.ready && !tried.includes(upstream));
  turn += 1;
  return ready[turn % ready.length];
}

for (const upstream of upstreams) setInterval(() => void check(upstream), 250);

async function check(upstream: Upstream): Promise<void> {
  try {
    const socket = net.connect(Number(upstream.url.port), upstream.url.hostname);
    await once(socket, 'connect', { signal: AbortSignal.timeout(500) });
    socket.destroy();
    upstream.ready = true;
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
    timeout: 1_000,
  });
  outgoing.on('response', (answer) => {
    outgoing.setTimeout(60_000);
    const { connection: _hop, 'keep-alive': _byHop, ...own } = answer.headers;
    res.writeHead(answer.statusCode ?? 502, own);
    pipeline(answer, res, () => {});
  });
  outgoing.on('timeout', () => {
    if (req.method === 'GET') refuse(res, 504);
  });
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
