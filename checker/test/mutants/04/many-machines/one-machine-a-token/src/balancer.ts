// Mutant: who is logged in always gets the same machine.

import { createHash } from 'node:crypto';
import http from 'node:http';
import { pipeline } from 'node:stream';

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url) => new URL(url));
let turn = 0;

const server = http.createServer((req, res) => {
  turn += 1;
  const token = req.headers.authorization;
  const number = token === undefined ? turn : createHash('sha256').update(token).digest()[0]!;
  const upstream = upstreams[number % upstreams.length]!;
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

server.listen(Number(process.env.PORT), process.env.HOST);
