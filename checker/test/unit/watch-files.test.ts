// Files that change are told of, with file events and without.

import { EventEmitter } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { until } from '../../src/runtime/until.ts';
import type { FileWatch, WatchOptions } from '../../src/run/watch/files.ts';
import { temporaryFolder } from './temporary.ts';

let folder = '';
let told: string[][] = [];
let polling = 0;
let watching: FileWatch | undefined;

beforeEach(() => {
  folder = temporaryFolder();
  told = [];
  polling = 0;
});
afterEach(async () => {
  await watching?.close();
  vi.doUnmock('chokidar');
  vi.resetModules();
});

/** Keeps to the list of its own time. */
function recorder(): WatchOptions['onChange'] {
  const list = told;
  return (files) => list.push(files);
}

async function watch(options: Partial<WatchOptions> = {}): Promise<void> {
  const { watchFiles } = await import('../../src/run/watch/files.ts');
  watching = await watchFiles(folder, { onChange: recorder(), onPolling: () => (polling += 1), ...options });
}

/** A system on which events never arrive; or one that has no watches left. */
function withoutEvents(how: 'silent' | 'broken'): void {
  vi.doMock('chokidar', () => ({
    watch: () => {
      const events = Object.assign(new EventEmitter(), { close: () => Promise.resolve() });
      setImmediate(() => {
        if (how === 'silent') events.emit('ready');
        else events.emit('error', new Error('ENOSPC: System limit for number of file watchers reached'));
      });
      return events;
    },
  }));
}

const write = (file: string, text: string): void => writeFileSync(path.join(folder, file), text);
const files = (): string[] => [...new Set(told.flat())].sort();
const untilTold = (...wanted: string[]): Promise<unknown> => until(`news of ${wanted.join(', ')}`, () => wanted.every((file) => files().includes(file)), { timeoutMs: 10_000 });

describe.each([
  ['where file events arrive', undefined, 0],
  ['where no file event arrives, which is found out', 'silent', 1],
  ['where the system has no watches left', 'broken', 1],
] as const)('%s', (_where, how, pollings) => {
  test('a file that is written, replaced by a rename, new or gone is told of', async () => {
    if (how) withoutEvents(how);
    write('old.ts', '1');
    write('going.ts', '1');
    mkdirSync(path.join(folder, 'src'));
    await watch();
    write('old.ts', 'another text');
    await untilTold('old.ts');
    write('src/renamed.tmp', 'text');
    renameSync(path.join(folder, 'src/renamed.tmp'), path.join(folder, 'src/renamed.ts'));
    rmSync(path.join(folder, 'going.ts'));
    await untilTold(path.join('src', 'renamed.ts'), 'going.ts');
    expect(polling).toBe(pollings);
  });
});

test('what is ignored is not told of, with events and without', async () => {
  for (const how of [undefined, 'silent'] as const) {
    if (how) withoutEvents(how);
    vi.resetModules();
    await watching?.close();
    told = [];
    mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
    await watch({ ignored: (file) => file.startsWith('node_modules') });
    write('node_modules/package.js', String(how));
    write('mine.ts', String(how));
    await untilTold('mine.ts');
    expect(files()).toEqual(['mine.ts']);
  }
});

test('of two changes in one moment the second is told of, although there is an event of the first only', async () => {
  const events = Object.assign(new EventEmitter(), { close: () => Promise.resolve() });
  vi.doMock('chokidar', () => ({
    watch: () => {
      setImmediate(() => events.emit('ready'));
      return events;
    },
  }));
  write('mine.ts', 'first');
  await watch();
  write('mine.ts', 'second');
  events.emit('all', 'change', path.join(folder, 'mine.ts'));
  await untilTold('mine.ts');
  told.length = 0;
  write('mine.ts', 'the third, of which no event tells');
  await untilTold('mine.ts');
  expect(polling).toBe(0);
});

test('many files at once are told of together', async () => {
  await watch();
  for (let file = 0; file < 500; file += 1) write(`${file}.ts`, '');
  await until('news of all', () => files().length === 500, { timeoutMs: 10_000 });
  expect(told.length).toBeLessThan(10);
});

test('after it is closed nothing is told', async () => {
  await watch();
  await watching?.close();
  const before = told;
  told = [];
  await watch();
  write('late.ts', '');
  await untilTold('late.ts');
  expect(before).toEqual([]);
});
