// Has an answer of its own to everything.

import http from 'node:http';

const server = http.createServer((_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json' }).end('{"photos":[],"next":null}');
});

server.listen(Number(process.env.PORT), process.env.HOST);
