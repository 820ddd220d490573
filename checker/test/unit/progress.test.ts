// What was passed is kept, also when the file was torn or two commands write at once.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Outcome } from '../../src/run/outcome.ts';
import type { Exercise } from '../../src/stack/step.ts';
import { temporaryFolder } from './temporary.ts';

type ProgressModule = typeof import('../../src/run/kept/progress.ts');

let folder = '';

beforeEach(() => {
  folder = path.join(temporaryFolder(), 'progress');
  vi.stubEnv('GRAMINSTA_HOME', folder);
});

/** Each is to the file what a command of its own would be. */
async function command(): Promise<ProgressModule> {
  vi.resetModules();
  return import('../../src/run/kept/progress.ts');
}

const file = (): string => path.join(folder, 'progress.json');

function exercise(slug: string, version = 1): Exercise {
  return { slug, version, number: '1.1', title: '', kind: 'core', minutes: 1, files: [], hints: ['', '', ''], checked: [], buildsOn: [] };
}

const passed = { verdict: 'passed', ms: 400 } as const;
const finding = { kind: 'wrong answer', did: 'Ada looked', saw: 'nothing', expected: 'a photo', why: 'She posted one.' } as const;
const failed = { verdict: 'failed', ms: 300, finding } as const;
const notRun = { verdict: 'not run', ms: 20, reason: 'It was too busy.', remedy: 'Close something.' } as const satisfies Outcome;

describe('progress', () => {
  test('is none at first, and reading it writes nothing', async () => {
    const { readProgress } = await command();
    expect(await readProgress()).toEqual({});
    expect(existsSync(folder)).toBe(false);
  });

  test('holds by step and slug what was judged last, and when', async () => {
    const { noteOutcome, readProgress } = await command();
    await noteOutcome('01-single-machine', exercise('likes'), failed);
    await noteOutcome('01-single-machine', exercise('likes'), passed);
    await noteOutcome('01-single-machine', exercise('feed'), failed);
    await noteOutcome('02-split-db', exercise('likes', 3), notRun);
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string;
    expect(await readProgress()).toEqual({
      '01-single-machine': { likes: { verdict: 'passed', version: 1, at, ms: 400 }, feed: { verdict: 'failed', version: 1, at, ms: 300, finding } },
      '02-split-db': { likes: { verdict: 'not run', version: 3, at, ms: 20, reason: notRun.reason, remedy: notRun.remedy } },
    });
  });

  test('is plain text that ends with a line end, for people and git', async () => {
    const { noteOutcome } = await command();
    await noteOutcome('01-single-machine', exercise('likes'), passed);
    expect(readFileSync(file(), 'utf8')).toMatch(/^\{\n {2}"format": 1,\n[^]*\}\n$/);
  });

  describe.each([
    ['torn in the middle', '{"format":1,"steps":{"01-single-machine":{"likes":{"verd'],
    ['empty', ''],
    ['something else', '[]'],
    ['no JSON any more', 'a note to myself'],
  ])('in a file that is %s', (_what, text) => {
    test('is read from the copy, so that nothing is lost', async () => {
      const { noteOutcome, readProgress, hasPassed } = await command();
      await noteOutcome('01-single-machine', exercise('feed'), passed);
      writeFileSync(file(), text);
      expect(hasPassed(await readProgress(), '01-single-machine', exercise('feed'))).toBe(true);
      await noteOutcome('01-single-machine', exercise('likes'), passed);
      const progress = await readProgress();
      expect(['feed', 'likes'].map((slug) => hasPassed(progress, '01-single-machine', exercise(slug)))).toEqual([true, true]);
      expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ format: 1 });
    });

    test('with a copy that cannot be read either is none, and can be noted again', async () => {
      const { noteOutcome, readProgress, hasPassed } = await command();
      await noteOutcome('01-single-machine', exercise('feed'), passed);
      for (const each of [file(), path.join(folder, 'progress.copy.json')]) writeFileSync(each, text);
      expect(await readProgress()).toEqual({});
      await noteOutcome('01-single-machine', exercise('likes'), passed);
      expect(hasPassed(await readProgress(), '01-single-machine', exercise('likes'))).toBe(true);
      expect(readFileSync(path.join(folder, 'progress.torn.json'), 'utf8')).toBe(text);
    });
  });

  test.each([
    ['without steps', '{"format":1}'],
    ['with steps that are none', '{"format":1,"steps":null}'],
    ['with findings of another shape', '{"format":1,"steps":{"01-single-machine":{"feed":{"verdict":"failed","version":1,"at":"2026-01-01T00:00:00Z","finding":{"kind":"new","did":"","saw":"","expected":"","why":"","place":7,"log":"long"}}}}}'],
    ['with entries that are none', '{"format":1,"steps":{"01-single-machine":{"feed":7,"likes":{"verdict":"passed","version":"one"}}, "x": []}}'],
  ])('from a file %s is none, and can be noted again', async (_what, text) => {
    const { noteOutcome, readProgress, hasPassed } = await command();
    mkdirSync(folder, { recursive: true });
    writeFileSync(file(), text);
    expect(Object.values(await readProgress()).flatMap((entries) => Object.keys(entries))).toEqual([]);
    await noteOutcome('01-single-machine', exercise('likes'), passed);
    expect(hasPassed(await readProgress(), '01-single-machine', exercise('likes'))).toBe(true);
  });

  test('of an older version of the workshop is kept', async () => {
    const { readProgress, hasPassed } = await command();
    mkdirSync(folder, { recursive: true });
    writeFileSync(file(), '{"format":1,"steps":{"01-single-machine":{"likes":{"verdict":"passed","version":1,"at":"2026-01-01T00:00:00.000Z"}}}}');
    expect(hasPassed(await readProgress(), '01-single-machine', exercise('likes'))).toBe(true);
  });

  test('of a newer version is understood as far as it goes, and put aside whole before it is changed', async () => {
    const { noteOutcome, readProgress, hasPassed } = await command();
    const text = JSON.stringify({
      format: 2,
      badges: ['early bird'],
      steps: { '01-single-machine': { feed: { verdict: 'passed', version: 1, at: '2027-01-01T00:00:00.000Z', by: 'somebody' }, page: { verdict: 'brilliant' } } },
    });
    mkdirSync(folder, { recursive: true });
    writeFileSync(file(), text);
    expect(hasPassed(await readProgress(), '01-single-machine', exercise('feed'))).toBe(true);
    await noteOutcome('01-single-machine', exercise('likes'), passed);
    expect(readFileSync(path.join(folder, 'progress.format-2.json'), 'utf8')).toBe(text);
    const progress = await readProgress();
    expect(['feed', 'likes'].map((slug) => hasPassed(progress, '01-single-machine', exercise(slug)))).toEqual([true, true]);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ format: 1, badges: ['early bird'], steps: { '01-single-machine': { page: { verdict: 'brilliant' } } } });
  });

  test('of an exercise that was passed stays when it is not run later, and goes when it is failed', async () => {
    const { noteOutcome, readProgress, hasPassed } = await command();
    const likes = exercise('likes');
    const isPassed = async (): Promise<boolean> => hasPassed(await readProgress(), '01-single-machine', likes);
    for (const [outcome, expected] of [[passed, true], [notRun, true], [notRun, true], [failed, false], [notRun, false]] as const) {
      await noteOutcome('01-single-machine', likes, outcome);
      expect(await isPassed()).toBe(expected);
    }
  });

  test('keeps what two commands note at the same time', async () => {
    const [one, other] = [await command(), await command()];
    const notes = Array.from({ length: 12 }, (_, index) => `slug-${index}`);
    const writing = notes.map((slug, index) => (index % 2 === 0 ? one : other).noteOutcome('01-single-machine', exercise(slug), passed));
    await Promise.all(writing);
    const steps = await (await command()).readProgress();
    expect(Object.keys(steps['01-single-machine'] ?? {}).sort()).toEqual([...notes].sort());
    expect(readdirSync(folder).sort()).toEqual(['progress.copy.json', 'progress.json']);
  });

  test('is whole for whoever reads while it is written', async () => {
    const { noteOutcome } = await command();
    await noteOutcome('01-single-machine', exercise('first'), passed);
    const writing = Promise.all(Array.from({ length: 6 }, (_, index) => noteOutcome('01-single-machine', exercise(`slug-${index}`), passed)));
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
  const progress = { s: { old: { verdict: 'passed' as const, version: 1, at }, red: { verdict: 'failed' as const, version: 1, at } } };
  expect(hasPassed(progress, 's', exercise('old', 1))).toBe(true);
  expect(hasPassed(progress, 's', exercise('old', 2))).toBe(false);
  expect(hasPassed(progress, 's', exercise('red', 1))).toBe(false);
  expect(hasPassed(progress, 's', exercise('new', 1))).toBe(false);
  expect(hasPassed(progress, 'another', exercise('old', 1))).toBe(false);
});
