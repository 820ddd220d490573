// Hands on the path without what follows the question mark.

import http from 'node:http';
import { pipeline } from 'node:stream';

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url) => new URL(url));
let turn = 0;

const server = http.createServer((req, res) => {
  turn += 1;
  const upstream = upstreams[turn % upstreams.length]!;
  const headers = { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress };
  const outgoing = http.request(upstream, { method: req.method, path: new URL(req.url ?? '/', 'http://lb').pathname, headers }, (answer) => {
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
