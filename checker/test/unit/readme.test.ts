// What the steps say about themselves in several places says the same everywhere.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, learnerFiles, solutionFiles, solutionFolder, startFolder } from '../../src/run/learner-files.ts';
import { layFiles } from '../../src/run/overlay.ts';
import { withStepPart } from '../../src/run/readme.ts';
import type { StepPlace } from '../../src/run/steps.ts';
import { stepsInRepository } from '../tools/steps.ts';

const steps = await stepsInRepository();

describe.each(steps)('$name', (place) => {
  test('its README says what step.ts says', () => {
    const readme = readFileSync(join(place.folder, 'README.md'), 'utf8');
    expect(readme, 'To write it anew: npm run readmes').toBe(withStepPart(readme, place.step));
  });

  test('every file that its solution changes is a file of an exercise, so that `solution N.M` shows it', () => {
    const named = place.step.exercises.flatMap(({ files }) => files);
    expect(solutionFiles(place).changed.filter((file) => !named.includes(file))).toEqual([]);
  });

  test("its files are its start state, of which start/ is the copy for 'reset'", () => {
    const refresh =
      `If the start state has changed, refresh its copy: cd steps/${place.name} && rm -rf start && mkdir start && ` +
      `cp -r ${topLevel(place).join(' ')} start/. If you worked on its exercises: npm run reset ${place.name.slice(0, 2)}.`;
    expect(textsOf(place.folder, learnerFiles(place)), refresh).toEqual(textsBelow(startFolder(place)));
  });
});

interface Change {
  file: string;
  before: string;
  after: string;
}

/** What a step's start has besides the solution of the step before it, and besides the marks of its exercises. */
const given: Record<string, { why: string; files: string[]; changes: Change[] }> = {
  '02-split-db': {
    why: 'Cookies ignore ports, so each step has a cookie of its own.',
    files: [],
    changes: [{ file: 'src/sessions.ts', before: "const cookieName = 'graminsta-01';", after: "const cookieName = 'graminsta-02';" }],
  },
  '03-split-client': {
    why: 'The static page is given, and so is the phone, which is no part of the app. A cookie of its own, as before.',
    files: filesBelow(join(startFolder(steps.find(({ name }) => name === '03-split-client')!), 'client')).map((file) => join('client', file)),
    changes: [{ file: 'src/sessions.ts', before: "const cookieName = 'graminsta-02';", after: "const cookieName = 'graminsta-03';" }],
  },
  '05-cdn': {
    why: 'An object store that lets in everybody, and an edge that keeps nothing, are given.',
    files: ['src/edge.ts', 'src/objects.ts', 'src/page.ts', 'src/storage.ts'],
    changes: [],
  },
};

const pairs = steps.slice(1).map((next, index) => ({ next, previous: steps[index]!, from: steps[index]!.name, to: next.name }));

describe.each(pairs)('from $from to $to', ({ previous, next }) => {
  const { files, changes } = given[next.name] ?? { files: [], changes: [] };

  test('the start is the solution of the step before, and what is given', () => {
    const solved = withoutMarks(textsOfSolved(previous));
    for (const { file, before, after } of changes) solved[file] = solved[file]?.replace(before, after) ?? after;
    const start = withoutMarks(textsBelow(startFolder(next)));
    for (const file of files) delete start[file];
    expect(start, 'A difference that is meant belongs into the list of what is given, in this test.').toEqual(solved);
  });

  test('what is listed as given is still a difference', () => {
    const [solved, start] = [textsOfSolved(previous), textsBelow(startFolder(next))];
    for (const { file, before, after } of changes) {
      expect(solved[file]).toContain(before);
      expect(start[file]).toContain(after);
    }
    for (const file of files) {
      expect(solved).not.toHaveProperty([file]);
      expect(start).toHaveProperty([file]);
    }
  });
});

type Texts = Record<string, string>;

function textsOf(folder: string, files: readonly string[]): Texts {
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function textsBelow(folder: string): Texts {
  return textsOf(folder, filesBelow(folder));
}

/** A step's start state with its solution over it, as `npm run solution -- --apply` makes it. */
function textsOfSolved(place: StepPlace): Texts {
  const folder = mkdtempSync(join(tmpdir(), 'graminsta-chain-'));
  try {
    for (const layer of [startFolder(place), solutionFolder(place)]) layFiles(layer, folder);
    return textsBelow(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const mark = /^[ \t]*(\/\/|--|#|\/\*|<!--|<% \/\*) Exercise \d\.\d+: .*\n/gm;

/** The comments that mark the places of a step's exercises belong to that step alone. */
function withoutMarks(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, text.replaceAll(mark, '')]));
}

/** What lies directly in the step's folder and is the learner's: `stack.ts`, `src` and so on. */
function topLevel(place: StepPlace): string[] {
  return [...new Set(learnerFiles(place).map((file) => file.split('/')[0] ?? file))];
}
