// What was passed is kept, also when the file was torn or two commands write at once.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Exercise } from '../../src/stack/step.ts';
import { temporaryFolder } from './temporary.ts';

type ProgressModule = typeof import('../../src/run/progress.ts');

let folder = '';

beforeEach(() => {
  folder = path.join(temporaryFolder(), 'progress');
  vi.stubEnv('GRAMINSTA_HOME', folder);
});

/** Each is to the file what a command of its own would be. */
async function command(): Promise<ProgressModule> {
  vi.resetModules();
  return import('../../src/run/progress.ts');
}

const file = (): string => path.join(folder, 'progress.json');

function exercise(slug: string, version = 1): Exercise {
  return { slug, version, number: '1.1', title: '', kind: 'core', minutes: 1, files: [], hints: ['', '', ''], checked: [], buildsOn: [] };
}

describe('progress', () => {
  test('is none at first, and reading it writes nothing', async () => {
    const { readProgress } = await command();
    expect(await readProgress()).toEqual({ format: 1, steps: {} });
    expect(existsSync(folder)).toBe(false);
  });

  test('holds by step and slug what was judged last, and when', async () => {
    const { noteVerdict, readProgress } = await command();
    await noteVerdict('01-single-machine', exercise('likes'), 'failed');
    await noteVerdict('01-single-machine', exercise('likes'), 'passed');
    await noteVerdict('02-split-db', exercise('likes', 3), 'not run');
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string;
    expect((await readProgress()).steps).toEqual({
      '01-single-machine': { likes: { verdict: 'passed', version: 1, at } },
      '02-split-db': { likes: { verdict: 'not run', version: 3, at } },
    });
  });

  test('is plain text that ends with a line end, for people and git', async () => {
    const { noteVerdict } = await command();
    await noteVerdict('01-single-machine', exercise('likes'), 'passed');
    expect(readFileSync(file(), 'utf8')).toMatch(/^\{\n {2}"format": 1,\n[^]*\}\n$/);
  });

  test.each([
    ['torn in the middle', '{"format":1,"steps":{"01-single-machine":{"likes":{"verd'],
    ['empty', ''],
    ['of a format to come', '{"format":2,"steps":{"01-single-machine":{}}}'],
    ['something else', '[]'],
    ['without steps', '{"format":1}'],
    ['with steps that are none', '{"format":1,"steps":null}'],
  ])('from a file that is %s is none, and can be noted again', async (_what, text) => {
    const { noteVerdict, readProgress, hasPassed } = await command();
    await noteVerdict('01-single-machine', exercise('feed'), 'passed');
    writeFileSync(file(), text);
    expect((await readProgress()).steps).toEqual({});
    await noteVerdict('01-single-machine', exercise('likes'), 'passed');
    expect(hasPassed(await readProgress(), '01-single-machine', exercise('likes'))).toBe(true);
  });

  test('keeps what two commands note at the same time', async () => {
    const [one, other] = [await command(), await command()];
    const notes = Array.from({ length: 12 }, (_, index) => `slug-${index}`);
    const writing = notes.map((slug, index) => (index % 2 === 0 ? one : other).noteVerdict('01-single-machine', exercise(slug), 'passed'));
    await Promise.all(writing);
    const { steps } = await (await command()).readProgress();
    expect(Object.keys(steps['01-single-machine'] ?? {}).sort()).toEqual([...notes].sort());
    expect(readdirSync(folder)).toEqual(['progress.json']);
  });

  test('is whole for whoever reads while it is written', async () => {
    const { noteVerdict } = await command();
    await noteVerdict('01-single-machine', exercise('first'), 'passed');
    const writing = Promise.all(Array.from({ length: 6 }, (_, index) => noteVerdict('01-single-machine', exercise(`slug-${index}`), 'passed')));
    let done = false;
    void writing.then(() => (done = true));
    while (!done) {
      expect(() => JSON.parse(readFileSync(file(), 'utf8')) as unknown).not.toThrow();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
  });
});

test('an exercise counts as passed only by the check as it is now', async () => {
  const { hasPassed } = await command();
  const at = '2026-01-01T00:00:00.000Z';
  const progress = {
    format: 1 as const,
    steps: { s: { old: { verdict: 'passed' as const, version: 1, at }, red: { verdict: 'failed' as const, version: 1, at } } },
  };
  expect(hasPassed(progress, 's', exercise('old', 1))).toBe(true);
  expect(hasPassed(progress, 's', exercise('old', 2))).toBe(false);
  expect(hasPassed(progress, 's', exercise('red', 1))).toBe(false);
  expect(hasPassed(progress, 's', exercise('new', 1))).toBe(false);
  expect(hasPassed(progress, 'another', exercise('old', 1))).toBe(false);
});
