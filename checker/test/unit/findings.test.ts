// What is shown of a log: the part that says what went wrong.

import { describe, expect, test } from 'vitest';
import { excerpt, isNews } from '../../src/run/findings.ts';

const hello = 'Graminsta listens on http://127.0.0.1:20001';

describe('of a log is shown', () => {
  test('its end, when there is no error in it', () => {
    expect(excerpt([hello, 'one', 'two', 'three'], 2)).toEqual(['two', 'three']);
  });

  test('what follows the last error, without empty properties', () => {
    const lines = [hello, 'Error: the first', 'TypeError: the last', '    at render (src/page.ts:7:9) {', '  code: undefined,', "  detail: 'no photos'", '}'];
    expect(excerpt(lines, 8)).toEqual(['TypeError: the last', '    at render (src/page.ts:7:9) {', "  detail: 'no photos'", '}']);
  });

  test('an error whose properties fill many lines, from its beginning', () => {
    const lines = [hello, 'Error: Connection terminated unexpectedly', '    at <anonymous> (src/db.ts:20:3) {', ...Array.from({ length: 300 }, (_, line) => `    property${line}: [Function (anonymous)],`), '}'];
    expect(excerpt(lines, 3)).toEqual(lines.slice(1, 4));
  });

  test('the end and not an error that lies far back', () => {
    const lines = ['Error: of the first minute', ...Array.from({ length: 60 }, (_, line) => `request ${line}`)];
    expect(excerpt(lines, 2)).toEqual(['request 58', 'request 59']);
  });

  test('once what is said again and again', () => {
    const again = 'The database cannot be prepared yet: Error: connect ECONNREFUSED 127.0.0.1:29503';
    expect(excerpt([hello, ...Array.from({ length: 8 }, () => again)], 8)).toEqual([hello, `${again} (8 times)`]);
  });
});

test.each([
  [hello, false],
  ['This edge is on http://127.0.0.1:27203', false],
  ['127.0.0.1:20002 is in the rotation', false],
  ['127.0.0.1:20002 is out of the rotation', true],
  ['The database cannot be prepared yet: error: syntax error at or near "tabel"', true],
  ['GET http://127.0.0.1:20001/ failed', true],
])('%s is news: %s', (line, news) => {
  expect(isNews(line)).toBe(news);
});
