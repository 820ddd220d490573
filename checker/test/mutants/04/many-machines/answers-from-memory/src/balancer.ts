// Mutant: what was read once is answered from memory.

import http from 'node:http';
import { pipeline } from 'node:stream';

const upstreams = (process.env.UPSTREAMS ?? '').split(',').map((url) => new URL(url));
const known = new Map<string, { headers: http.IncomingHttpHeaders; body: Buffer }>();
let turn = 0;

const server = http.createServer((req, res) => {
  const answered = known.get(req.url ?? '');
  if (answered && req.method === 'GET' && req.url?.startsWith('/api/photos')) return void res.writeHead(200, answered.headers).end(answered.body);
  turn += 1;
  const upstream = upstreams[turn % upstreams.length]!;
  const headers = { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress };
  const outgoing = http.request(upstream, { method: req.method, path: req.url, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    const pieces: Buffer[] = [];
    answer.on('data', (piece: Buffer) => pieces.push(piece));
    answer.on('end', () => {
      if (answer.statusCode === 200) known.set(req.url ?? '', { headers: answer.headers, body: Buffer.concat(pieces) });
    });
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
