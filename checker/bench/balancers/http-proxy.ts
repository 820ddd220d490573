// What most people would write with npm's http-proxy: the next target for the next request, and connections that stay.

import http from 'node:http';
import proxy from 'http-proxy';

const targets = (process.env['UPSTREAMS'] ?? '').split(',');
const forward = proxy.createProxyServer({ agent: new http.Agent({ keepAlive: true }), xfwd: true });
let turn = 0;

http.createServer((request, response) => {
  turn = (turn + 1) % targets.length;
  forward.web(request, response, { target: targets[turn] }, () => response.writeHead(502).end());
}).listen(Number(process.env['PORT']), '127.0.0.1');
