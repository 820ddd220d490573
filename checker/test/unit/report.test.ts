// Verdicts as text: an outcome goes in, lines come out.

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { FailureKind, Finding } from '../../src/check/failure.ts';
import type { Outcome } from '../../src/run/outcome.ts';
import { currentLook, outcomeReport, summary, verdictLine, type Look } from '../../src/run/reports/terminal.ts';
import type { Exercise } from '../../src/stack/step.ts';


const exercise: Exercise = {
  slug: 'share-a-pool',
  number: '2.3',
  title: 'Share a pool',
  kind: 'core',
  minutes: 15,
  files: ['src/db.ts', 'src/problems.ts'],
  hints: ['', '', ''],
  checked: [],
  buildsOn: [],
  version: 1,
};
const extra: Exercise = { ...exercise, number: '2.7', title: 'Least privilege', kind: 'extra' };
const finding: Finding = {
  kind: 'too slow',
  machine: 'server',
  did: 'Ada asked for the feed while every table of the database was locked, together with thirty-nine others',
  saw: 'GET /api/photos → no answer within 3.0 s',
  expected: '503 with Retry-After, within 3 s',
  why: 'Somebody who waits without an answer presses the button again, and then two of them wait.',
  place: 'src/db.ts:12',
  log: [{ machine: 'server', lines: ['listening on 20003', `Error: ${'timeout '.repeat(30)}`] }, { machine: 'db', lines: [] }],
};
const failed: Outcome = { verdict: 'failed', ms: 3_049, finding };
const passed: Outcome = { verdict: 'passed', ms: 412 };
const notRun: Outcome = { verdict: 'not run', ms: 0, reason: 'Blocked by 2.3: exercises build on each other. With --all they are run all the same.' };
const fault: Outcome = { verdict: 'fault', ms: 5, error: `TypeError: x\n${Array.from({ length: 30 }, (_, line) => `    at frame ${line}`).join('\n')}` };
const plain: Look = { width: 80, colours: false };

const report = (outcome: Outcome, look: Look = plain): string[] => outcomeReport(exercise, '02-split-db', outcome, look);

describe('the line of a verdict', () => {
  test.each([
    [exercise, passed, '  ✓ 2.3  Share a pool                                                      0.4 s'],
    [exercise, failed, '  ✗ 2.3  Share a pool                                                      3.0 s'],
    [extra, notRun, '  ○ 2.7  Least privilege (extra)                                         not run'],
    [exercise, fault, '  ! 2.3  Share a pool                                                      0.0 s'],
  ])('is as wide as the terminal, and ends with the time', (which, outcome, line) => {
    expect(verdictLine(which, outcome, plain)).toBe(line);
    expect(line).toHaveLength(80);
  });

  test('is the same with colours', () => {
    const coloured = verdictLine(extra, failed, { ...plain, colours: true });
    expect(coloured).toContain('\u001b[31m✗');
    expect(stripVTControlCharacters(coloured)).toBe(verdictLine(extra, failed, plain));
  });
});

describe('the report of a failure', () => {
  test('says all that a learner needs, in order', () => {
    expect(report(failed)).toEqual([
      '',
      '    Too slow, on machine server',
      '',
      '    did       Ada asked for the feed while every table of the database was',
      '              locked, together with thirty-nine others',
      '    saw       GET /api/photos → no answer within 3.0 s',
      '    expected  503 with Retry-After, within 3 s',
      '    why       Somebody who waits without an answer presses the button again, and',
      '              then two of them wait.',
      '',
      '    look in   steps/02-split-db/src/db.ts:12',
      '              steps/02-split-db/src/problems.ts',
      '    hint      npm run hint 2.3',
      '    read      npm start, then /steps/02-split-db#share-a-pool',
      '',
      '    the last that server printed',
      '    │ listening on 20003',
      expect.stringMatching(/^ {4}│ Error: timeout/),
      ...Array.from({ length: 3 }, () => expect.stringMatching(/^ {4}│ .*timeout/) as string),
      '',
    ]);
  });

  const kinds: [FailureKind, string][] = [
    ['wrong stack', 'The machines are not as this step needs them'],
    ['did not start', 'It did not start'],
    ['no answer', 'No answer'],
    ['wrong answer', 'Wrong answer'],
    ['too slow', 'Too slow'],
    ['did not survive', 'It did not survive'],
  ];
  test.each(kinds)('for "%s" has a headline of its own', (kind, headline) => {
    expect(report({ ...failed, finding: { ...finding, kind, machine: undefined } })[1]).toBe(`    ${headline}`);
  });

  test.each([50, 64, 80, 100])('fits into %i columns, whatever it has to say', (width) => {
    const long = 'x'.repeat(150);
    const everywhere: Finding = { ...finding, did: long, saw: `${long} and ${long}`, expected: `https://example.org/${long}`, why: `${finding.why} ${long}` };
    for (const outcome of [failed, { ...failed, finding: everywhere }, notRun, fault] satisfies Outcome[]) {
      for (const colours of [false, true]) {
        const tooLong = report(outcome, { width, colours }).filter((line) => stripVTControlCharacters(line).length > width);
        expect(tooLong).toEqual([]);
      }
    }
  });

  test('has no colours where none are wanted, and says the same with them', () => {
    for (const outcome of [failed, notRun, fault]) {
      const [without, withColours] = [report(outcome), report(outcome, { ...plain, colours: true })];
      expect(without.join('\n')).not.toContain('\u001b');
      expect(withColours.map(stripVTControlCharacters)).toEqual(without);
    }
    expect(report(failed, { ...plain, colours: true }).join('\n')).toContain('\u001b');
  });

  test('names the file of the exercise once when the place is in it', () => {
    expect(report(failed).filter((line) => line.includes('src/db.ts'))).toHaveLength(1);
  });
});

test('an exercise that passed has nothing to report', () => {
  expect(report(passed)).toEqual([]);
});

test('what was not run says why and what to do', () => {
  expect(report({ ...notRun, reason: 'Chromium is missing.', remedy: 'Run ./setup --tests.' })).toEqual(['', '    Chromium is missing.', '    Run ./setup --tests.', '']);
});

test("a fault is the checker's, with the first lines of it", () => {
  const lines = report(fault);
  expect(lines[1]).toBe('    The checker made a mistake, not you.');
  expect(lines).toContain('    TypeError: x');
  expect(lines.filter((line) => line.includes('frame'))).toHaveLength(11);
});

describe('the summary', () => {
  test.each([
    [[], '0 passed'],
    [[passed, passed], '2 passed'],
    [[passed, failed, notRun, notRun], '1 passed, 1 failed, 2 not run'],
    [[fault], "0 passed, 1 not judged, by the checker's own fault"],
  ] satisfies [Outcome[], string][])('counts each kind of verdict', (outcomes, line) => {
    expect(summary(outcomes)).toBe(line);
  });
});

test('without a terminal the width is 80 columns', () => {
  expect(currentLook().width).toBe(80);
});
