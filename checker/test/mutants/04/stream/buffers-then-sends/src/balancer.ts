// Mutant: the head goes out at once, and the body when it is whole.

import http from 'node:http';
import { pipeline } from 'node:stream';

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url) => new URL(url));
let turn = 0;

const server = http.createServer((req, res) => {
  turn += 1;
  const upstream = upstreams[turn % upstreams.length]!;
  const headers = { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress };
  const outgoing = http.request(upstream, { method: req.method, path: req.url, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    res.flushHeaders();
    const pieces: Buffer[] = [];
    answer.on('data', (piece: Buffer) => pieces.push(piece));
    answer.on('error', () => res.destroy());
    answer.on('end', () => res.end(Buffer.concat(pieces)));
  });
  outgoing.on('error', () => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end();
  });
  res.on('close', () => outgoing.destroy());
  req.pipe(outgoing);
});

server.listen(Number(process.env.PORT), process.env.HOST);
