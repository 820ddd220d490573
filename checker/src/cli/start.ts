import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import express from 'express';
import { paint } from '../run/paint.ts';
import { repository } from '../run/repository.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';

const docs = path.join(repository, 'docs');
const built = path.join(docs, 'build');
const stamp = path.join(docs, '.docusaurus', 'built-from');
const usualPort = 3210;

/** `npm start`: the workshop's pages, on one free port of the loopback address. */
export async function start({ port }: { port?: number }): Promise<number> {
  const signal = interruption('Bye.');
  if (!(await prepare(signal))) return signal.aborted ? ExitCode.interrupted : ExitCode.failed;
  const server = createServer(pages());
  const address = await listen(server, port ?? usualPort, port === undefined);
  if (!address) {
    console.error(`Port ${String(port)} is taken. Leave --port out to get a free one.`);
    return ExitCode.failed;
  }
  console.log(`\n  Read the workshop at  ${paint.bold(`http://localhost:${address.port}`)}\n\n  Ctrl-C ends it. In another terminal: npm run check 01\n`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  server.closeAllConnections();
  return ExitCode.ok;
}

/** The built pages as an app; answers to the names of the loopback address only. */
export function pages(): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    // A page elsewhere could point a name of its own at this address; it gets nothing.
    if (['localhost', '127.0.0.1'].includes(request.hostname)) next();
    else response.status(421).type('text').send('This server answers to localhost only.\n');
  });
  app.use(express.static(built));
  app.use((_request, response) => {
    response.status(404).sendFile(path.join(built, '404.html'));
  });
  return app;
}

async function listen(server: ReturnType<typeof createServer>, wanted: number, orAnother: boolean): Promise<AddressInfo | undefined> {
  for (const port of orAnother ? [wanted, 0] : [wanted]) {
    const listens = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (listens) return server.address() as AddressInfo;
  }
  return undefined;
}

/** Installs and builds what is missing or older than its sources. False when that did not work. */
async function prepare(signal: AbortSignal): Promise<boolean> {
  const installed = path.join(docs, 'node_modules/.package-lock.json');
  const lockfile = path.join(docs, 'package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
    if (!(await work('Installing what builds the pages (once, about a minute)', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], signal))) return false;
  }
  const sources = stateOfSources();
  const upToDate = existsSync(path.join(built, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
  if (upToDate) return true;
  if (!(await work('Building the pages', ['run', 'build', '--silent'], signal))) return false;
  writeFileSync(stamp, sources);
  return true;
}

/** Says how long it has taken so far, in a terminal; the output is shown when it fails. */
function work(what: string, args: string[], signal: AbortSignal): Promise<boolean> {
  const startedAt = performance.now();
  const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  const { stdout } = process;
  const show = (): void => {
    if (stdout.isTTY) stdout.write(`\r  ${what} … ${paint.dim(seconds())} `);
  };
  if (!stdout.isTTY) stdout.write(`  ${what} …\n`);
  const timer = setInterval(show, 250);
  show();
  const npm = spawn('npm', ['--prefix', docs, ...args], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const output: Buffer[] = [];
  npm.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  npm.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve) => {
    const settle = (worked: boolean): void => {
      clearInterval(timer);
      stdout.write(stdout.isTTY ? `\r  ${what}: ${seconds()}   \n` : `  ${worked ? 'Done' : 'Failed'} after ${seconds()}.\n`);
      if (!worked && !signal.aborted) console.error(`\n${Buffer.concat(output).toString('utf8')}`);
      resolve(worked);
    };
    npm.once('error', () => settle(false));
    npm.once('exit', (code) => settle(code === 0));
  });
}

/** Changes when anything changes that the pages are made of: their own sources, and the code of the steps they show. */
function stateOfSources(): string {
  const hash = createHash('sha256');
  const look = (place: string): void => {
    const { mtimeMs, size } = statSync(place);
    hash.update(`${place} ${mtimeMs} ${size}\n`);
  };
  const folders = ['content', 'src', 'plugins', 'static'].map((name) => path.join(docs, name));
  for (const name of readdirSync(docs).sort()) if (/\.(ts|json)$/.test(name)) look(path.join(docs, name));
  for (const folder of [...folders, path.join(repository, 'steps')]) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!file.includes('node_modules')) look(path.join(folder, file));
    }
  }
  return hash.digest('hex');
}
