// Costs as little as an answer can, so that what is measured is the balancer: it answers without having read.

import net from 'node:net';

const body = '{"likes":12}';
const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nX-Served-By: stub\r\nDate: ${new Date().toUTCString()}\r\n\r\n${body}`;

net.createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('data', (bytes) => {
    const heads = (rest + bytes.toString('latin1')).split('\r\n\r\n');
    rest = heads.pop() ?? '';
    if (heads.length > 0) socket.write(answer.repeat(heads.length));
  });
  socket.on('error', () => socket.destroy());
}).listen(Number(process.env['PORT']), '127.0.0.1');
