// How exercises stand, from what was kept and what is judged now.

import { describe, expect, test } from 'vitest';
import type { Progress, ProgressEntry } from '../../src/run/kept/progress.ts';
import { countPassed, firstOpen, firstUnfinished, nextOf, standings, type ExerciseStanding, type Place } from '../../src/run/kept/standing.ts';
import { ago } from '../../src/run/reports/ago.ts';
import { wayLines } from '../../src/run/reports/way.ts';
import { defineStep } from '../../src/stack/step.ts';

const at = '2026-01-01T12:00:00.000Z';
const finding = { kind: 'no answer', did: 'Ada asked', saw: 'nothing', expected: 'an answer', why: 'She waits.' } as const;
const passed: ProgressEntry = { verdict: 'passed', version: 1, at, ms: 400 };
const failed: ProgressEntry = { verdict: 'failed', version: 1, at, finding };
const notRun: ProgressEntry = { verdict: 'not run', version: 1, at, reason: 'It was too busy.', remedy: 'Close something.' };

function place(number: number, kinds: readonly ('core' | 'extra')[], version = 1): Place {
  const exercises = kinds.map((kind, index) => ({ slug: `slug-${index + 1}`, title: `Exercise ${index + 1}`, kind, minutes: 5, files: ['src/app.ts'], hints: ['', '', ''] as [string, string, string], checked: [], version }));
  return { name: `0${number}-step`, step: defineStep({ number, title: `Step ${number}`, users: '1 user', pain: '', fixed: { machines: [], entrances: [], variables: [], bounds: [] }, exercises }) };
}

const step = place(1, ['core', 'extra', 'core']);
const progress = (...entries: ProgressEntry[]): Progress => ({ '01-step': Object.fromEntries(entries.map((entry, index) => [`slug-${index + 1}`, entry])) });
const first = (kept: Progress, of = step, running: Parameters<typeof standings>[2] = []): ExerciseStanding => standings([of], kept, running)[0]!.exercises[0]!;

describe('an exercise', () => {
  test('is open before it is judged', () => {
    const standing = first({});
    expect(standing).toMatchObject({ number: '1.1', state: 'open' });
    expect(standing).not.toHaveProperty('at');
  });

  test.each([
    ['passed', passed, undefined],
    ['failed', failed, { headline: 'No answer', lookIn: ['steps/01-step/src/app.ts'], hint: 'npm run hint 1.1', read: '/steps/01-step#slug-1' }],
    ['not run', notRun, { reason: 'It was too busy.', remedy: 'Close something.' }],
  ] as const)('is %s as it was judged last, and says why', (state, entry, report) => {
    const standing = first(progress(entry));
    expect(standing).toMatchObject({ state, at });
    if (report) expect(standing.report).toMatchObject(report);
    else expect(standing).not.toHaveProperty('report');
  });

  test('is being judged while a command judges it, whatever came of it before', () => {
    const running = [{ step: '01-step', slug: 'slug-1' }];
    expect(first(progress(failed), step, running)).toMatchObject({ state: 'judging', at });
    expect(first(progress(failed), step, running)).not.toHaveProperty('report');
    expect(first(progress(failed), step, [{ step: '02-step', slug: 'slug-1' }]).state).toBe('failed');
  });

  test('that had passed counts as passed while it is judged anew', () => {
    const steps = standings([step], progress(passed), [{ step: '01-step', slug: 'slug-1' }]);
    expect(steps[0]!.exercises[0]).toMatchObject({ state: 'judging', hadPassed: true });
    expect(countPassed(steps[0]!)).toMatchObject({ core: 1, coreOf: 2 });
    expect(first(progress(failed), step, [{ step: '01-step', slug: 'slug-1' }])).not.toHaveProperty('hadPassed');
  });

  test('is open again when its check has changed, and says so if it had passed', () => {
    const newer = place(1, ['core'], 2);
    expect(first(progress(passed), newer)).toMatchObject({ state: 'open', checkHasChanged: true });
    expect(first(progress(failed), newer)).toMatchObject({ state: 'open' });
    expect(first(progress(failed), newer)).not.toHaveProperty('checkHasChanged');
    expect(first(progress(failed), newer)).not.toHaveProperty('report');
  });
});

describe('the way goes on', () => {
  const second = place(2, ['extra', 'core']);

  test('with the first core exercise that has not passed, then with extras, then in the next step', () => {
    expect(firstOpen(step, progress(passed))?.number).toBe('1.3');
    expect(firstOpen(step, progress(passed, failed, passed))?.number).toBe('1.2');
    expect(firstOpen(step, progress(passed, passed, passed))).toBeUndefined();
    expect(nextOf([step, second], progress(passed, failed, passed))).toEqual({ step: '02-step', exercise: 'slug-2' });
  });

  test('nowhere when every core exercise has passed', () => {
    const all = { ...progress(passed, failed, passed), '02-step': { 'slug-2': passed } };
    expect(firstUnfinished([step, second], all)).toBeUndefined();
    expect(nextOf([step, second], all)).toBeNull();
  });

  test('and what has passed is counted by kind', () => {
    expect(countPassed(standings([step], progress(passed, passed, failed))[0]!)).toEqual({ core: 1, coreOf: 2, extra: 1, extraOf: 1 });
  });
});

test('the way so far has a line for each exercise, as wide as the terminal', () => {
  const steps = standings([step], progress(passed, failed), [{ step: '01-step', slug: 'slug-3' }]);
  const [, heading, , ...lines] = wayLines(steps, { width: 60, colours: false }, Date.parse(at) + 120_000);
  expect(heading).toMatch(/^Step 1 · Step 1 · 1 user {2,}core 1 of 2 · extra 0 of 1$/);
  expect(lines[0]).toMatch(/^ {2}✓ 1\.1 {2}Exercise 1 {2,}passed, 2 min ago$/);
  expect(lines[1]).toMatch(/^ {2}✗ 1\.2 {2}Exercise 2 \(extra\) {2,}failed, 2 min ago$/);
  expect(lines[2]).toMatch(/^ {2}… 1\.3 {2}Exercise 3 {2,}being judged$/);
  for (const line of [heading, ...lines]) expect(line).toHaveLength(60);
});

test.each([
  [0, 'less than a minute ago'],
  [59_000, 'less than a minute ago'],
  [60_000, '1 min ago'],
  [7_100_000, '1 h ago'],
  [3 * 86_400_000, '3 days ago'],
  [-5_000, 'less than a minute ago'],
])('%i ms ago is told as "%s"', (ms, told) => {
  expect(ago(at, Date.parse(at) + ms)).toBe(told);
});
