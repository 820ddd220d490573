// Mutant: the machine is chosen when somebody connects, and answers all that comes over that connection.

import http from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url) => new URL(url));
let turn = 0;
const chosen = new WeakMap<Socket, URL>();

const server = http.createServer((req, res) => {
  const upstream = chosen.get(req.socket)!;
  const headers = { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress };
  const outgoing = http.request(upstream, { method: req.method, path: req.url, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, res, () => {});
  });
  outgoing.on('error', () => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end();
  });
  res.on('close', () => outgoing.destroy());
  req.pipe(outgoing);
});

server.on('connection', (socket) => {
  turn += 1;
  chosen.set(socket, upstreams[turn % upstreams.length]!);
});
server.listen(Number(process.env.PORT), process.env.HOST);
