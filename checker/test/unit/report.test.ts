// Verdicts as text: an outcome goes in, lines come out.

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { FailureKind, Finding } from '../../src/check/failure.ts';
import { timelineOf } from '../../src/check/timeline.ts';
import type { Outcome } from '../../src/run/outcome.ts';
import { currentLook, outcomeReport, summary, verdictLine, type Look } from '../../src/run/reports/terminal.ts';
import { drawTimeline, timelineInWords } from '../../src/run/reports/timeline.ts';
import type { Exercise } from '../../src/stack/step.ts';
import { record, request, silent } from './crowds.ts';


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
/** Two machines, one of them killed after 1.2 s and back 2 s later. */
const timeline = timelineOf(
  record(
    Array.from({ length: 50 }, (_, index) => {
      const [at, machine] = [index * 100, index % 2 === 0 ? 'api-1' : 'api-2'];
      const isGone = machine === 'api-2' && at > 1_200 && at < 3_200;
      return request(at, isGone ? (at < 1_700 ? silent : { endedAt: at + 700 }) : { machine });
    }),
    [{ at: 1_204, what: 'api-2 killed' }, { at: 1_210, what: 'the lights went out' }, { at: 3_150, what: 'api-2 started' }],
  ),
);
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

  test('shows how a crowd fared, between what was expected and where to look', () => {
    const lines = report({ ...failed, finding: { ...finding, log: [], timeline } });
    const first = lines.findIndex((line) => line.includes('why'));
    expect(lines.slice(first + 2, first + 15)).toEqual([
      '',
      '    how the crowd fared, from left to right',
      '              0 s',
      '                  ab      c',
      '    api-1     oooooosssssssooooooo',
      '    api-2     ooooo........ooooooo',
      '    no answer .....xx.............',
      '    a column is 0.25 s: . nothing, o answered, s some took over 500 ms, x some',
      '    failed',
      '    a: api-2 killed, at 1.2 s',
      '    b: the lights went out, at 1.21 s',
      '    c: api-2 started, at 3.15 s',
      '',
    ]);
  });

  const kinds: [FailureKind, string][] = [
    ['wrong stack', 'The machines are not as this step needs them'],
    ['did not start', 'It did not start'],
    ['no answer', 'No answer'],
    ['wrong answer', 'Wrong answer'],
    ['too slow', 'Too slow'],
    ['requests failed', 'Requests failed'],
    ['did not survive', 'It did not survive'],
  ];
  test.each(kinds)('for "%s" has a headline of its own', (kind, headline) => {
    expect(report({ ...failed, finding: { ...finding, kind, machine: undefined } })[1]).toBe(`    ${headline}`);
  });

  test.each([50, 64, 80, 100])('fits into %i columns, whatever it has to say', (width) => {
    const long = 'x'.repeat(150);
    const everywhere: Finding = { ...finding, did: long, saw: `${long} and ${long}`, expected: `https://example.org/${long}`, why: `${finding.why} ${long}` };
    const shown: Finding = { ...finding, timeline: { ...timeline, marks: [...timeline.marks, { atMs: 4_000, letter: 'd', what: long }] } };
    for (const outcome of [failed, { ...failed, finding: everywhere }, { ...failed, finding: shown }, notRun, fault] satisfies Outcome[]) {
      for (const colours of [false, true]) {
        const tooLong = report(outcome, { width, colours }).filter((line) => stripVTControlCharacters(line).length > width);
        expect(tooLong).toEqual([]);
      }
    }
  });

  test('has no colours where none are wanted, and says the same with them', () => {
    for (const outcome of [failed, { ...failed, finding: { ...finding, timeline } }, notRun, fault] satisfies Outcome[]) {
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

describe('a timeline', () => {
  test('is drawn in as many columns as there are', () => {
    expect(drawTimeline(timeline, 20).lines).toEqual(['          0 s', '            ab  c', 'api-1     ooossssooo', 'api-2     ooo...oooo', 'no answer ..xx......']);
    expect(drawTimeline(timeline, 20).notes[0]).toMatch(/^a column is 0.5 s: /);
  });

  test('that is long has a time above every twentieth column', () => {
    const long = timelineOf(record(Array.from({ length: 110 }, (_, index) => request(index * 100))));
    expect(drawTimeline(long, 80).lines[0]).toBe(`${' '.repeat(10)}0 s                 5 s                 10 s`);
  });

  test('gives names the room that they need', () => {
    const named = timelineOf(record([request(0, { machine: 'the-machine-in-the-cellar' }), request(0)]));
    expect(drawTimeline(named, 80).lines).toEqual([`${' '.repeat(26)}0 s`, `api-1${' '.repeat(21)}o`, 'the-machine-in-the-cellar o']);
  });

  test('can be told in words', () => {
    expect(timelineInWords(timeline)).toBe(
      'api-1: answered from 0 s to 5 s, some slow from 1.5 s to 3.25 s. api-2: answered from 0 s to 5 s. no answer: some failed from 1.25 s to 1.75 s. ' +
        'At 1.2 s: api-2 killed. At 1.21 s: the lights went out. At 3.15 s: api-2 started.',
    );
    expect(timelineInWords(timelineOf(record([request(0)]), { machines: ['api-2'] }))).toBe('api-1: answered from 0 s to 0.25 s. api-2: nothing.');
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
