// What happens at a learner's desk: events go in, what is to be done comes out.

import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/run/outcome.ts';
import type { StepPlace } from '../../src/run/steps.ts';
import { turn, type Desk, type Effect, type Event } from '../../src/run/watch/desk.ts';
import { footer, keys, savedLine } from '../../src/run/watch/screen.ts';
import { defineStep } from '../../src/stack/step.ts';

function place(number: number, kinds: readonly ('core' | 'extra')[]): StepPlace {
  const step = defineStep({
    number,
    title: `Step ${number}`,
    users: '1 user',
    pain: '',
    fixed: { machines: [], entrances: [], variables: [], bounds: [] },
    exercises: kinds.map((kind, index) => ({ slug: `slug-${number}-${index + 1}`, title: `Exercise ${index + 1}`, kind, minutes: 5, files: [], hints: ['', '', ''], checked: [] })),
  });
  return { name: `0${number}-step`, folder: `/steps/0${number}-step`, step };
}

const first = place(1, ['core', 'extra', 'core']);
const second = place(2, ['core']);
const [one, two, three] = first.step.exercises as [Exercise, Exercise, Exercise];
type Exercise = StepPlace['step']['exercises'][number];

const desk: Desk = { places: [first, second], place: first, exercise: one, known: new Map(), judging: 'nothing' };
const passed: Outcome = { verdict: 'passed', ms: 1 };
const failed: Outcome = { verdict: 'failed', ms: 1, finding: { kind: 'no answer', did: '', saw: '', expected: '', why: '' } };

/** Lets events happen one after the other. */
function after(from: Desk, ...events: Event[]): { desk: Desk; effects: Effect[] } {
  return events.reduce<{ desk: Desk; effects: Effect[] }>((state, event) => turn(state.desk, event), { desk: from, effects: [] });
}
const press = (key: keyof typeof keys): Event => ({ kind: 'pressed', key: keys[key]! });

describe('at the desk', () => {
  test.each([
    ['a file that is saved', { kind: 'saved' }],
    ['enter', press('enter')],
    ['return', press('return')],
  ] satisfies [string, Event][])('%s has the exercise in front judged', (_what, event) => {
    const { desk: now, effects } = after({ ...desk, exercise: two }, event);
    expect(effects).toEqual([{ kind: 'judge', exercises: [two] }]);
    expect(now.judging).toBe('one');
  });

  test('a file that is saved while all are judged goes back to the one in front', () => {
    const { desk: now, effects } = after(desk, press('a'), { kind: 'saved' });
    expect(effects).toEqual([{ kind: 'judge', exercises: [one] }]);
    expect(now.judging).toBe('one');
  });

  test('n and b go through the exercises, and over the end of a step into the next', () => {
    const atThird = after(desk, press('n'), press('n'));
    expect(atThird.desk.exercise).toBe(three);
    expect(atThird.effects).toEqual([{ kind: 'judge', exercises: [three] }]);
    const inSecond = after(atThird.desk, press('n'));
    expect(inSecond.effects).toEqual([{ kind: 'watch', place: second }, { kind: 'judge', exercises: [second.step.exercises[0]] }]);
    const back = after(inSecond.desk, press('b'));
    expect(back.effects).toEqual([{ kind: 'watch', place: first }, { kind: 'judge', exercises: [three] }]);
  });

  test('there is nothing before the first exercise and after the last, and what runs goes on', () => {
    expect(after(desk, press('b'))).toEqual({ desk, effects: [{ kind: 'say', text: 'This is the first exercise.' }] });
    const last: Desk = { ...desk, place: second, exercise: second.step.exercises[0]!, judging: 'one' };
    expect(after(last, press('n'))).toEqual({ desk: last, effects: [{ kind: 'say', text: 'This is the last exercise.' }] });
  });

  test('after all of them the first core exercise that did not pass is in front', () => {
    const { desk: now, effects } = after(
      desk,
      press('a'),
      { kind: 'judged', exercise: one, outcome: passed },
      { kind: 'judged', exercise: two, outcome: failed },
      { kind: 'judged', exercise: three, outcome: failed },
      { kind: 'done' },
    );
    expect(now).toMatchObject({ exercise: three, judging: 'nothing' });
    expect(effects).toEqual([]);
  });

  test('after all of them have passed the same one stays in front', () => {
    const events = first.step.exercises.map((exercise): Event => ({ kind: 'judged', exercise, outcome: passed }));
    expect(after({ ...desk, exercise: two }, press('a'), ...events, { kind: 'done' }).desk.exercise).toBe(two);
  });

  test('h and q leave what runs alone', () => {
    const running: Desk = { ...desk, judging: 'one' };
    expect(after(running, press('h'))).toEqual({ desk: running, effects: [{ kind: 'hint', exercise: one }] });
    expect(after(running, press('q'))).toEqual({ desk: running, effects: [{ kind: 'quit' }] });
  });
});

describe('the lines below a report', () => {
  const plain = { width: 80, colours: false };

  test('show how each exercise stands, which is in front, and every key', () => {
    const known = new Map([[one.number, 'passed' as const], [two.number, 'not run' as const]]);
    const lines = footer({ ...desk, exercise: two, known }, plain);
    expect(lines).toContain('  ✓ 1.1  [○ 1.2]  · 1.3');
    expect(lines.join('\n')).toContain('Save a file of this step, and it is judged again.');
    for (const key of ['h hint', 'n next', 'b back', 'a all', 'enter again', 'q quit']) expect(lines.join('\n')).toContain(key);
  });

  test('say what comes next once the exercise has passed, and fit into a narrow terminal', () => {
    const wide = place(3, Array.from({ length: 12 }, () => 'core' as const));
    const lines = footer({ ...desk, place: wide, exercise: wide.step.exercises[0]!, known: new Map([['3.1', 'passed']]) }, { width: 60, colours: false });
    expect(lines.join('\n')).toContain('3.1 has passed. Press n for the next.');
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
  });

  test('name one file that was saved, and count many', () => {
    expect(savedLine(['src/a.ts'])).toBe('  src/a.ts was saved.');
    expect(savedLine(['src/a.ts', 'src/b.ts', 'src/c.ts'])).toBe('  src/a.ts and 2 more files were saved.');
  });
});
