// The door between the checker and the containers of a stack. It runs in a container of its own on their network, from this file
// alone, and does nothing by itself: the checker says on which ports it listens, and takes or makes every connection. So the wires, in
// which connections are delayed, cut and counted, stay in the checker, and nothing has to reach this computer from a container.
//
// Every connection of the checker begins with a line, whose first word is the secret:
//   control               the one on which there are orders and news, a line each
//   take 17               goes on as the 17th connection that was accepted
//   dial 198.19.0.3 3000  goes on to a service
// Orders: `listen 4001`, `refuse 4001`, `drop 17`. News: `welcome`, `listening 4001`, `refused 4001`, `accepted 4001 17 198.19.0.3`.

import net from 'node:net';

const [, , ownPort, secret, host = '0.0.0.0'] = process.argv;
const untakenMs = 10_000;
/** Longer than any line that the checker sends. */
const maxLineBytes = 200;

/** @type {net.Socket | undefined} */
let control;
/** @type {Map<number, net.Server>} by port */
const listeners = new Map();
/** @type {Map<number, net.Socket>} accepted, and not yet taken */
const waiting = new Map();
/** @type {Map<number, net.Socket>} taken, and still there */
const taken = new Map();
let accepted = 0;

net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  readLine(socket, (line) => {
    const [word, verb, ...rest] = line.split(' ');
    if (word !== secret) return socket.destroy();
    if (verb === 'control') obey(socket);
    else if (verb === 'take') take(socket, Number(rest[0]));
    else if (verb === 'dial') join(socket, net.connect({ host: rest[0], port: Number(rest[1]), allowHalfOpen: true, noDelay: true }));
    else socket.destroy();
  });
}).listen({ port: Number(ownPort), host, backlog: 4096 });

for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => process.exit());

/** The first line that comes in; what follows it stays in the socket, which is paused then. */
function readLine(socket, use) {
  let seen = Buffer.alloc(0);
  const look = (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf('\n');
    if (end < 0 && seen.length < maxLineBytes) return;
    socket.off('data', look);
    socket.pause();
    if (end < 0) return void socket.destroy();
    if (seen.length > end + 1) socket.unshift(seen.subarray(end + 1));
    use(seen.toString('latin1', 0, end));
  };
  socket.on('data', look);
}

function obey(socket) {
  control?.destroy();
  control = socket;
  tell('welcome');
  let rest = '';
  socket.setEncoding('latin1').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [verb, port] = line.split(' ');
      if (verb === 'listen') listen(Number(port));
      else if (verb === 'refuse') refuse(Number(port));
      // Whoever takes a connection may leave before the door has heard of it; and a reset that comes after an end is heard by nobody.
      else if (verb === 'drop') drop(Number(port));
    }
  });
  socket.resume();
}

function tell(line) {
  control?.write(`${line}\n`);
}

function listen(port) {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    accepted += 1;
    const number = accepted;
    waiting.set(number, socket);
    const timer = setTimeout(() => socket.destroy(), untakenMs);
    const forget = () => {
      clearTimeout(timer);
      waiting.delete(number);
    };
    socket.forget = forget;
    socket.on('error', () => socket.destroy());
    socket.once('close', forget);
    tell(`accepted ${port} ${number} ${socket.remoteAddress}`);
  });
  server.once('error', (error) => tell(`failed ${port} ${error.message}`));
  server.listen({ port, host, backlog: 4096 }, () => tell(`listening ${port}`));
  listeners.set(port, server);
}

function refuse(port) {
  listeners.get(port)?.close();
  listeners.delete(port);
  tell(`refused ${port}`);
}

function drop(number) {
  const near = waiting.get(number) ?? taken.get(number);
  near?.forget();
  if (near && !near.destroyed) reset(near);
}

function take(socket, number) {
  const near = waiting.get(number);
  near?.forget();
  // It left before it was taken.
  if (!near || near.destroyed) return reset(socket);
  taken.set(number, near);
  near.once('close', () => taken.delete(number));
  join(near, socket);
}

/** Each byte, each end and each reset goes through. */
function join(one, other) {
  passOn(one, other);
  passOn(other, one);
}

function passOn(from, to) {
  from.on('data', (bytes) => {
    if (to.destroyed || to.writableEnded) return;
    if (!to.write(bytes)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => reset(to));
  from.on('close', () => {
    if (!from.readableEnded && !to.destroyed) reset(to);
  });
  from.resume();
}

/** libuv does not reset a socket that is about to send its own end; that one is closed. */
function reset(socket) {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
