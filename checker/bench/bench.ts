// Measures what the project promises, and prints it beside what is wanted. These are no tests: a number depends on
// the computer. `npm run bench` leaves out what needs the network; `npm run bench -- --fresh` measures it too.
// A part of it alone: `npm run bench -- --start` (the first commands), `--steps` (whole steps, solved), `--desk` (between a save
// and a verdict), `--balancers` (the balancer of step 4 beside others), `--edges` (the edge of step 5 beside
// others).

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Ports, Wire } from '../src/runtime/index.ts';
import { dialLoopback, ListeningEnd } from '../src/runtime/near-end.ts';
import { repository } from '../src/run/repository.ts';
import { balancers } from './balancers.ts';
import { standbyShows, warmFeed } from './databases.ts';
import { desk } from './desk.ts';
import { edges } from './edges.ts';
import { awaitOutput, command, median, note, results, runs, seconds, workshop } from './measure.ts';
import { deploys, solvedChecks, stackStarts } from './steps.ts';

async function wireRate(): Promise<void> {
  const server = http.createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const direct = (server.address() as { port: number }).port;
  const ports = await Ports.claim();
  const wire = new Wire({ name: 'bench', near: new ListeningEnd(await ports.take()), far: () => dialLoopback(direct) });
  await wire.open();
  const ratios: number[] = [];
  let rates = [0, 0];
  for (let run = 0; run <= runs; run += 1) {
    rates = [await rate(direct), await rate(wire.port)];
    if (run > 0) ratios.push(rates[1]! / rates[0]!);
  }
  wire.close();
  server.close();
  server.closeAllConnections();
  await ports.release();
  note('a wire without delay against a direct connection', 'at least 0.5', `${median(ratios).toFixed(2)} (${Math.round(rates[1]!)} and ${Math.round(rates[0]!)} requests a second at last)`);
}

/** Requests a second over 32 connections, from a process of its own. */
async function rate(port: number): Promise<number> {
  const program = `
    const http = require('node:http');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
    let done = 0;
    const until = Date.now() + 1500;
    const next = () => {
      if (Date.now() > until) return;
      http.get({ port: ${port}, host: '127.0.0.1', agent }, (response) => {
        response.resume();
        response.on('end', () => { done += 1; next(); });
      });
    };
    for (let i = 0; i < 32; i += 1) next();
    setTimeout(() => { console.log(done / 1.5); process.exit(); }, 1600);
  `;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  return Number(output);
}

async function commands(): Promise<void> {
  const solved = workshop(['01-single-machine']);
  const start = workshop([]);
  try {
    await command(start, 'check', ['01'], /✗/); // Compiles, and makes the template of Postgres.
    const failing = [];
    for (let run = 0; run < runs; run += 1) failing.push(await command(start, 'check', ['01'], /✗[\s\S]*read {2}/));
    note('check 01 on the start state, to the first failure', '2.5 s', `${seconds(median(failing.map(({ firstMs }) => firstMs)))}, whole command ${seconds(median(failing.map(({ ms }) => ms)))}`);
    await command(solved, 'check', ['01'], /✓/);
    const first = [];
    for (let run = 0; run < runs; run += 1) first.push(await command(solved, 'check', ['01'], /✓/));
    note('check 01, all solved, whole command', '6 s', seconds(median(first.map(({ ms }) => ms))));
  } finally {
    for (const folder of [solved, start]) rmSync(folder, { recursive: true, force: true });
  }
}

/** From nothing: a clone, an empty cache of npm. */
async function fresh(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'graminsta-fresh-'));
  const clone = path.join(folder, 'clone');
  const env = { ...process.env, npm_config_cache: path.join(folder, 'npm') };
  try {
    execFileSync('git', ['clone', '-q', repository, clone]);
    const startedAt = performance.now();
    execFileSync('./setup', { cwd: clone, env, stdio: 'ignore' });
    const setUp = performance.now() - startedAt;
    await awaitOutput(spawn('npm', ['run', '-s', 'check', '01'], { cwd: clone, env }), /[✓✗]/);
    note('fresh clone, empty npm cache: ./setup, then check 01 to its first verdict', '60 s', `${seconds(performance.now() - startedAt)}, of which ./setup ${seconds(setUp)}`);
    const servedAt = performance.now();
    const server = spawn('npm', ['start'], { cwd: clone, env, detached: true });
    const url = /http:\/\/localhost:\d+/.exec(await awaitOutput(server, /http:\/\/localhost:\d+/))![0];
    await (await fetch(url)).text();
    note('fresh clone, empty npm cache: ./setup && npm start to the first page', '150 s', seconds(setUp + performance.now() - servedAt));
    process.kill(-server.pid!, 'SIGINT');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const parts: Record<string, () => Promise<void>> = {
  '--start': async () => {
    await wireRate();
    await commands();
  },
  '--steps': async () => {
    await stackStarts();
    await solvedChecks();
    await deploys();
    await standbyShows();
    await warmFeed();
  },
  '--desk': desk,
  '--balancers': balancers,
  '--edges': edges,
};
const named = Object.keys(parts).filter((flag) => process.argv.includes(flag));
for (const flag of named.length > 0 ? named : Object.keys(parts)) await parts[flag]!();
if (process.argv.includes('--fresh')) await fresh();

const computer = `${os.cpus().length} cores, ${os.platform()} ${os.arch()}, Node.js ${process.version}`;
const rows = results.map(({ what, wanted, measured }) => `| ${what} | ${wanted} | ${measured} |`);
console.log(`\n${computer}\n\n| what | wanted | measured (median) |\n|---|---|---|\n${rows.join('\n')}\n`);
const output = path.join(repository, '.graminsta', 'bench.json');
mkdirSync(path.dirname(output), { recursive: true });
writeFileSync(output, `${JSON.stringify({ at: new Date().toISOString(), computer, results }, null, 2)}\n`);
console.log(`Written to ${path.relative(repository, output)}`);
process.exit(0);
