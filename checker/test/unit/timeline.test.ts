// A crowd's record goes in, a picture of letters comes out.

import { describe, expect, test } from 'vitest';
import type { CrowdRecord, CrowdRequest } from '../../src/check/crowd-record.ts';
import { narrowed, timelineOf } from '../../src/check/timeline.ts';
import { record, request, silent } from './crowds.ts';

/** Answered by one machine, ten times a second. */
const steady = (forMs: number, parts: Partial<CrowdRequest> = {}, fromMs = 0): CrowdRequest[] =>
  Array.from({ length: forMs / 100 }, (_, index) => request(fromMs + index * 100, parts));
const pictureOf = (...records: CrowdRecord[]): Record<string, string> => Object.fromEntries(timelineOf(records).rows.map(({ name, cells }) => [name, cells]));

describe('a timeline', () => {
  test('has a row for each machine, and a column for each quarter of a second in which people asked', () => {
    const { rows, fromMs, columnMs } = timelineOf(record([request(0), request(260, { machine: 'api-10' }), request(1_010, { machine: 'api-2' })]));
    expect(rows).toEqual([
      { name: 'api-1', cells: 'o....' },
      { name: 'api-2', cells: '....o' },
      { name: 'api-10', cells: '.o...' },
    ]);
    expect({ fromMs, columnMs }).toEqual({ fromMs: 0, columnMs: 250 });
  });

  test.each<[string, Partial<CrowdRequest>, Record<string, string>]>([
    ['an answer', {}, { 'api-1': 'o' }],
    ['an answer that says no', { status: 404 }, { 'api-1': 'o' }],
    ['a slow answer', { endedAt: 501 }, { 'api-1': 's' }],
    ['an error of the server', { status: 503 }, { 'api-1': 'x' }],
    ['an answer that broke off', { status: 0, silence: 'reset' }, { 'api-1': 'x' }],
    ['an answer that names no machine', { machine: undefined }, { 'not named': 'o' }],
    ['no answer', silent, { 'no answer': 'x' }],
  ])('shows %s', (_what, parts, picture) => {
    expect(pictureOf(record([request(0, parts)]))).toEqual(picture);
  });

  test('says what its letters mean, and who is not named where somebody is', () => {
    const letters = '. nothing, o answered, s some took over 250 ms, x some failed';
    const legendOf = (parts: Partial<CrowdRequest>): string => timelineOf(record([request(0), request(10, parts)]), { slowMs: 250 }).legend;
    expect(legendOf(silent)).toBe(letters);
    expect(legendOf({ machine: undefined, status: 502 })).toBe(`${letters}; not named: answers without X-Served-By, often of the balancer itself`);
  });

  test('shows the worst of a column', () => {
    expect(pictureOf(record([request(0), request(10, { endedAt: 900 }), request(20), request(300), request(310, { status: 500 }), request(320, { endedAt: 2_000 })]))).toEqual({ 'api-1': 'sx' });
  });

  test('shows crowds that were there together on one clock, with what happened', () => {
    const readers = record([request(0), request(600)], [{ at: 500, what: 'api-2 killed' }], 1_000);
    const writers = record([request(0, { machine: 'api-2' }), request(260, silent)], [{ at: 10, what: 'writers came' }], 1_250);
    const { rows, marks } = timelineOf([readers, writers]);
    expect(rows).toEqual([
      { name: 'api-1', cells: 'o.o' },
      { name: 'api-2', cells: '.o.' },
      { name: 'no answer', cells: '..x' },
    ]);
    expect(marks).toEqual([
      { atMs: 260, letter: 'a', what: 'writers came' },
      { atMs: 500, letter: 'b', what: 'api-2 killed' },
    ]);
  });

  test('has a row for machines that never answered, where they are named', () => {
    expect(timelineOf(record([request(0)]), { machines: ['api-3', 'api-1'] }).rows).toEqual([{ name: 'api-1', cells: 'o' }, { name: 'api-3', cells: '.' }]);
  });

  test('puts together who calls itself something else each time, and cuts off what is no name any more', () => {
    const many = Array.from({ length: 500 }, (_, index) => request(index, { machine: `request-${index}` }));
    const { rows } = timelineOf(record([...many, request(600), request(601, { machine: 'a'.repeat(5_000) }), request(602, silent)]), { machines: ['api-1', 'api-2'] });
    expect(rows.length).toBeLessThanOrEqual(16);
    expect(Math.max(...rows.map(({ name }) => name.length))).toBeLessThanOrEqual(32);
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['api-1', 'api-2', 'others', 'no answer']));
    expect(rows.find(({ name }) => name === 'others')?.cells).toBe('ooo');
  });

  test('of nobody is empty', () => {
    expect(timelineOf(record([]), { machines: ['api-1'] })).toMatchObject({ rows: [{ name: 'api-1', cells: '.' }], marks: [] });
  });

  test('that would be too long begins a second before something happened', () => {
    const { rows, fromMs, columnMs } = timelineOf(record([...steady(20_000), request(20_100, silent)], [{ at: 12_340, what: 'api-2 killed' }]));
    expect({ fromMs, columnMs }).toEqual({ fromMs: 11_250, columnMs: 250 });
    expect(rows[0]!.cells).toHaveLength((20_000 - 11_250) / 250 + 1);
    expect(rows[1]!.cells).toMatch(/^\.+x$/);
  });

  test('in which something happened early and late has longer columns', () => {
    const { rows, fromMs, columnMs } = timelineOf(record([...steady(2_000), request(2_000, silent), ...steady(30_000, {}, 2_100)]));
    expect({ fromMs, columnMs }).toEqual({ fromMs: 1_000, columnMs: 1_000 });
    expect(rows.map(({ name, cells }) => [name, cells])).toEqual([['api-1', 'o'.repeat(32)], ['no answer', `.x${'.'.repeat(30)}`]]);
  });

  test.each([1, 15, 31, 60])('can be made to fit %i columns', (columns) => {
    const whole = timelineOf(record([...steady(15_000, { machine: 'api-2' }), request(9_000, silent)]));
    const { rows, columnMs } = narrowed(whole, columns);
    const lengths = rows.map(({ cells }) => cells.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(columns);
    expect(new Set(lengths).size).toBe(1);
    expect(rows[1]!.cells).toContain('x');
    expect(lengths[0]! * columnMs).toBeGreaterThanOrEqual(15_000);
  });
});
