// The crowd, lean enough to be no bottleneck: plain sockets, one request at a time on each.
//
//   node load.js PORT CONNECTIONS SECONDS [RATE]
//
// Without a rate, each connection asks again as soon as it has its answer: saturation. With a rate, requests are due at
// their times whether or not there were answers, and wait for a free connection; their time counts from when they were due.
// Prints {"done", "counted", "failed", "p50Ms", "p99Ms"}: all answers, and those after the first second, which warms up.

import net from 'node:net';

const [port = 0, connections = 30, seconds = 3, rate = 0] = process.argv.slice(2).map(Number);
const request = 'GET /api/photos?limit=20 HTTP/1.1\r\nHost: api.test\r\nAccept: */*\r\nUser-Agent: bench\r\nAuthorization: Bearer 0123456789abcdef\r\n\r\n';
const warmUpMs = 1_000;

const begunAt = performance.now();
const untilMs = warmUpMs + seconds * 1_000;
const now = (): number => performance.now() - begunAt;

const times: number[] = [];
let done = 0;
let failed = 0;
const waiting: number[] = [];
const free: ((dueAt: number) => void)[] = [];

function open(): void {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let dueAt = 0;
  let seen = '';
  let isAsking = false;
  const ask = (due: number): void => {
    isAsking = true;
    dueAt = due;
    socket.write(request);
  };
  const next = (): void => {
    const due = rate === 0 ? now() : waiting.shift();
    if (due === undefined) free.push(ask);
    else ask(due);
  };
  socket.once('connect', next);
  socket.on('data', (bytes) => {
    seen += bytes.toString('latin1');
    if (!seen.endsWith('"likes":12}') && !seen.endsWith('\r\n0\r\n\r\n')) return;
    isAsking = false;
    done += 1;
    if (!seen.startsWith('HTTP/1.1 200')) failed += 1;
    if (dueAt >= warmUpMs) times.push(now() - dueAt);
    // nginx ends a connection after a thousand requests, and says so.
    if (!/^connection: close\r$/im.test(seen)) next();
    seen = '';
  });
  socket.once('error', () => socket.destroy());
  socket.once('close', () => {
    if (isAsking) failed += 1;
    if (free.includes(ask)) free.splice(free.indexOf(ask), 1);
    open();
  });
}

for (let count = 0; count < connections; count += 1) open();

if (rate > 0) {
  let arrived = 0;
  setInterval(() => {
    for (const at = now(); arrived < (at / 1_000) * rate; arrived += 1) {
      const due = (arrived / rate) * 1_000;
      const ask = free.pop();
      if (ask) ask(due);
      else waiting.push(due);
    }
  }, 1);
}

setTimeout(() => {
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
  console.log(JSON.stringify({ done, counted: times.length, failed, p50Ms: at(0.5), p99Ms: at(0.99) }));
  process.exit();
}, untilMs);
