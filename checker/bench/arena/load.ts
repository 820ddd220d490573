// The crowd, lean enough to be no bottleneck: plain sockets, one request at a time on each.
//
//   node load.js '{"port": …, "paths": […], "headers": {…}, "connections": …, "seconds": …, "rate": …}'
//
// Without a rate, each connection asks again as soon as it has its answer: saturation. With a rate, requests are due at
// their times whether or not there were answers, and wait for a free connection; their time counts from when they were due.
// Prints {"done", "counted", "failed", "p50Ms", "p99Ms"}: all answers, and those after the first second, which warms up.

import net from 'node:net';

interface Options {
  port: number;
  /** Asked for in turn. */
  paths: string[];
  headers?: Record<string, string>;
  connections: number;
  seconds: number;
  rate: number;
}

const { port, paths, headers = {}, connections, seconds, rate } = JSON.parse(process.argv[2] ?? '{}') as Options;
const head = Object.entries({ Host: 'app.test', Accept: '*/*', 'User-Agent': 'bench', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\n${head}\r\n`);
let asked = 0;
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
    socket.write(requests[(asked += 1) % requests.length] ?? '');
  };
  const next = (): void => {
    const due = rate === 0 ? now() : waiting.shift();
    if (due === undefined) free.push(ask);
    else ask(due);
  };
  socket.once('connect', next);
  socket.on('data', (bytes) => {
    seen += bytes.toString('latin1');
    if (!isWhole(seen)) return;
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

/** One answer at a time is on a connection, so that a look at its length is enough. */
function isWhole(answer: string): boolean {
  const body = answer.indexOf('\r\n\r\n') + 4;
  if (body < 4) return false;
  const length = /^content-length: *(\d+)/im.exec(answer.slice(0, body))?.[1];
  return length === undefined ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= body + Number(length);
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
