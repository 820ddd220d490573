// Costs as little as an answer can, so that what is measured is the program before it: it answers without having read.
// BODY_BYTES is how long its answers are; without it they are those of a like. CACHE_CONTROL says whether they may be kept.

import net from 'node:net';

const { PORT, BODY_BYTES, CACHE_CONTROL } = process.env;
const body = BODY_BYTES === undefined ? '{"likes":12}' : 'x'.repeat(Number(BODY_BYTES));
const type = BODY_BYTES === undefined ? 'application/json' : 'image/webp';
const cacheControl = CACHE_CONTROL === undefined ? '' : `Cache-Control: ${CACHE_CONTROL}\r\nETag: "1"\r\n`;
const answer = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nX-Served-By: stub\r\n${cacheControl}Date: ${new Date().toUTCString()}\r\n\r\n${body}`;

net.createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('data', (bytes) => {
    const heads = (rest + bytes.toString('latin1')).split('\r\n\r\n');
    rest = heads.pop() ?? '';
    if (heads.length > 0) socket.write(answer.repeat(heads.length));
  });
  socket.on('error', () => socket.destroy());
}).listen(Number(PORT), '127.0.0.1');
