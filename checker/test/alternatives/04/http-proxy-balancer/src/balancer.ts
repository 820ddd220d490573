// Right in another way: npm's http-proxy carries the requests. Who gets them, who gets them a second time, and what happens
// when somebody leaves is not its business, and stands here.

import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import httpProxy from 'http-proxy';

interface Target {
  url: string;
  ready: boolean;
}

const targets = (process.env.UPSTREAMS ?? '').split(',').map((url): Target => ({ url, ready: false }));
const agent = new http.Agent({ keepAlive: true, timeout: 2_000 });
const proxy = httpProxy.createProxyServer({});
const readyEveryMs = 300;
const readyMs = 700;
const firstByteMs = 450;
const longestMs = 15_000;

proxy.on('proxyReq', (request: ClientRequest, _req: IncomingMessage, res: ServerResponse, { buffer }) => {
  // http-proxy looks at the request that came in, and that one is over when an answer is on its way.
  res.on('close', () => request.destroy());
  request.on('response', () => request.setTimeout(0));
  // The body begins to flow when somebody is there to take it; until then it can still go elsewhere.
  const body = bodies.get(buffer as PassThrough);
  if (request.socket?.connecting) request.socket.once('connect', () => body?.());
  else body?.();
});
const bodies = new WeakMap<PassThrough, () => void>();

proxy.on('proxyRes', (answer, _req, res) => {
  answer.on('error', () => res.destroy());
});

function carry(req: IncomingMessage, res: ServerResponse, tried: readonly Target[]): void {
  const target = next(tried);
  if (!target) return say(res, 503, 'No machine can serve.');
  const isHarmlessTwice = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].includes(req.method ?? '');
  const patience = isHarmlessTwice && tried.length === 0 ? firstByteMs : longestMs;
  req.headers['x-forwarded-for'] = req.socket.remoteAddress;
  const buffer = new PassThrough();
  bodies.set(buffer, () => req.pipe(buffer));
  proxy.web(req, res, { target: target.url, buffer, proxyTimeout: patience, ...(isHarmlessTwice && { agent }) }, (error: NodeJS.ErrnoException) => {
    if (res.headersSent || res.destroyed) return void res.destroy();
    const isRefused = error.code === 'ECONNREFUSED';
    if (isRefused) target.ready = false;
    void ask(target);
    if (isHarmlessTwice || isRefused) carry(req, res, [...tried, target]);
    else say(res, 502, 'The machine broke off.');
  });
}

let last = 0;
function next(tried: readonly Target[]): Target | undefined {
  const usable = targets.filter((target) => target.ready && !tried.includes(target));
  last += 1;
  return usable[last % usable.length];
}

async function ask(target: Target): Promise<void> {
  const answer = await fetch(`${target.url}/readyz`, { signal: AbortSignal.timeout(readyMs) }).catch(() => undefined);
  target.ready = answer?.status === 200;
}

function say(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}

await Promise.all(targets.map(ask));
for (const target of targets) setInterval(() => void ask(target), readyEveryMs);
http.createServer((req, res) => carry(req, res, [])).listen(Number(process.env.PORT), process.env.HOST);
