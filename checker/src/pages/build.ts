// Makes the pages: installs what builds them, and builds them when their sources are newer.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { paint } from '../run/reports/paint.ts';
import { repository } from '../run/repository.ts';

const docs = path.join(repository, 'docs');
const stamp = path.join(docs, '.docusaurus', 'built-from');

/** The folder with the pages. */
export const builtPages = path.join(docs, 'build');

/** What the pages were built from; changes with them. */
export function stateOfPages(): string {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
}

/** Installs and builds what is missing or older than its sources. False when that did not work. */
export async function preparePages(signal: AbortSignal): Promise<boolean> {
  const installed = path.join(docs, 'node_modules/.package-lock.json');
  const lockfile = path.join(docs, 'package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
    if (!(await work('Installing what builds the pages (once, about a minute)', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], signal))) return false;
  }
  const sources = stateOfSources();
  const upToDate = existsSync(path.join(builtPages, 'index.html')) && stateOfPages() === sources;
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

/** Changes when anything changes that the pages are made of: their own sources, and what they show of the steps. */
function stateOfSources(): string {
  const hash = createHash('sha256');
  const look = (place: string): void => {
    const stat = statSync(place, { throwIfNoEntry: false });
    if (stat) hash.update(`${place} ${stat.mtimeMs} ${stat.size}\n`);
  };
  const folders = ['content', 'src', 'plugins', 'static'].map((name) => path.join(docs, name));
  // Of a step the pages show what it declares and its solution; a learner's own work is on none of them.
  const steps = readdirSync(path.join(repository, 'steps')).sort().map((name) => path.join(repository, 'steps', name));
  for (const step of steps) look(path.join(step, 'step.ts'));
  // In the same words as the terminal.
  look(path.join(repository, 'checker/src/run/reports/ago.ts'));
  for (const name of readdirSync(docs).sort()) if (/\.(ts|json)$/.test(name)) look(path.join(docs, name));
  for (const folder of [...folders, ...steps.map((step) => path.join(step, 'solution')), path.join(repository, 'checker/test/alternatives')].filter(existsSync)) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!file.includes('node_modules')) look(path.join(folder, file));
    }
  }
  return hash.digest('hex');
}
