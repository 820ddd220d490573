// Mutant: an index that never reaches the last machine.

import http from 'node:http';
import { pipeline } from 'node:stream';

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url) => new URL(url));
let turn = 0;

const server = http.createServer((req, res) => {
  turn += 1;
  const upstream = upstreams[turn % (upstreams.length - 1)]!;
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
