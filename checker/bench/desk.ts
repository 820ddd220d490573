// What a learner waits for: from a save to a verdict, from a verdict to the page, and for the quick commands.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pause } from '../src/runtime/until.ts';
import type { CheckDocument } from '../src/run/reports/documents.ts';
import { repository } from '../src/run/repository.ts';
import { openBrowser } from '../test/browser/browser.ts';
import { findChromium } from '../test/all/paths.ts';
import { awaitOutput, command, median, note, runs, seconds, workshop } from './measure.ts';

const step = 'steps/01-single-machine';

export async function desk(): Promise<void> {
  const folder = workshop(['01-single-machine']);
  try {
    await saves(folder);
    await pages(folder);
    await quickCommands(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function saves(folder: string): Promise<void> {
  const restarts = await fromSave(folder, '1.1', 'src/health.ts', (text) => text);
  note('file saved to verdict, an exercise that restarts one app (1.1)', '1.2 s', spread(restarts));
  const fails = await fromSave(folder, '1.2', 'src/photos.ts', (text) => text.replace("photos.post('/photos',", "photos.post('/pictures',"));
  note('file saved to verdict, when the first request already fails (1.2)', '0.8 s', spread(fails));
  const begins = await toNewRun(folder);
  note('a save in the middle of a run, to the start of the new one', '0.3 s', spread(begins));
}

function spread(times: readonly number[]): string {
  return `${seconds(median(times))} (${seconds(Math.min(...times))} to ${seconds(Math.max(...times))})`;
}

function watch(folder: string, exercise: string, more: readonly string[]) {
  return spawn('npm', ['run', '-s', 'check', exercise, '--', '--watch', ...more], {
    cwd: folder,
    env: { ...process.env, GRAMINSTA_HOME: path.join(folder, '.graminsta') },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
}

/** Milliseconds from each save of a file to the verdict on it. */
async function fromSave(folder: string, exercise: string, file: string, change: (text: string) => string): Promise<number[]> {
  const child = watch(folder, exercise, ['--json']);
  let hear: (document: CheckDocument) => void = () => undefined;
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(JSON.parse(line) as CheckDocument);
  });
  const heard = (): Promise<CheckDocument> => new Promise((resolve) => (hear = resolve));
  await heard();
  const place = path.join(folder, step, file);
  const text = readFileSync(place, 'utf8');
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    // People read and type before they save again.
    await pause(1_500);
    const verdict = heard();
    const savedAt = performance.now();
    writeFileSync(place, `${change(text)}\n// ${run}\n`);
    await verdict;
    times.push(performance.now() - savedAt);
  }
  writeFileSync(place, text);
  await end(child);
  return times;
}

/** Milliseconds from a save while an exercise is judged to the moment at which the judge says that it judges anew. */
async function toNewRun(folder: string): Promise<number[]> {
  const child = watch(folder, '1.4', []);
  // Written each time the judge begins with an exercise.
  const news = path.join(folder, '.graminsta/running');
  const begun = (): number => (existsSync(news) ? Math.max(0, ...readdirSync(news).map((name) => statSync(path.join(news, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)) : 0);
  const place = path.join(folder, step, 'src/page.ts');
  const text = readFileSync(place, 'utf8');
  const times: number[] = [];
  while (begun() === 0) await pause(5);
  for (let run = 0; run < runs; run += 1) {
    await pause(700);
    const before = begun();
    const savedAt = performance.now();
    writeFileSync(place, `${text}\n// ${run}\n`);
    while (begun() === before) await pause(1);
    times.push(performance.now() - savedAt);
  }
  writeFileSync(place, text);
  await end(child);
  return times;
}

/** Needs the pages built, and Chromium to see what people see. */
async function pages(folder: string): Promise<void> {
  if (!existsSync(path.join(repository, 'docs/build/index.html'))) return note('the pages', '', 'not measured: docs/build is missing');
  // Builds them, should their sources be newer.
  await end((await served(folder)).server);
  const starts: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now();
    const { url, server } = await served(folder);
    await (await fetch(url)).text();
    starts.push(performance.now() - startedAt);
    await end(server);
  }
  note('npm start when the docs are built, to the first page', '1 s', spread(starts));

  if (!findChromium()) return note('verdict in the terminal to the same on the page', '0.2 s', 'not measured: there is no Chromium');
  const { url, server } = await served(folder);
  const browser = await openBrowser();
  const page = await browser.newPage();
  await page.goto(`${url}/steps/01-single-machine`, { waitUntil: 'networkidle' });
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    // Two checks in turn, so that each verdict is another than the one before.
    const isSolved = run % 2 === 1;
    const stack = path.join(folder, step, 'stack.ts');
    const text = readFileSync(stack, 'utf8');
    if (!isSolved) writeFileSync(stack, text.replace('server.postgres(', 'void ('));
    const word = isSolved ? 'passed' : 'failed';
    const shown = page.waitForFunction(`/${word}/.test(document.querySelector('table tbody tr')?.textContent ?? '') && Date.now()`, undefined, { polling: 'raf' });
    const check = spawn('npm', ['run', '-s', 'check', '1.1'], { cwd: folder, env: environment(folder) });
    await awaitOutput(check, isSolved ? /✓ 1\.1/ : /✗ 1\.1/);
    const toldAt = Date.now();
    times.push(Number(await (await shown).jsonValue()) - toldAt);
    await new Promise((resolve) => check.once('exit', resolve));
    writeFileSync(stack, text);
  }
  await browser.close();
  await end(server);
  note('verdict in the terminal to the same on the page', '0.2 s', spread(times));
}

/** The pages are served from this repository, with the progress of the copy. */
async function served(folder: string): Promise<{ url: string; server: ReturnType<typeof spawn> }> {
  const server = spawn('npm', ['start'], { cwd: repository, env: environment(folder), detached: true });
  const url = /http:\/\/localhost:\d+/.exec(await awaitOutput(server, /http:\/\/localhost:\d+/))![0];
  return { url, server };
}

function environment(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, GRAMINSTA_HOME: path.join(folder, '.graminsta') };
}

async function end(child: ReturnType<typeof spawn>): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid!, 'SIGINT');
  await ended;
}

async function quickCommands(folder: string): Promise<void> {
  for (const [script, ...args] of [['doctor'], ['progress'], ['hint', '1.1']] as const) {
    await command(folder, script, args, /./);
    const times = [];
    for (let run = 0; run < runs; run += 1) times.push((await command(folder, script, args, /./)).ms);
    note(`npm run ${[script, ...args].join(' ')}`, '0.3 s', spread(times));
  }
}
