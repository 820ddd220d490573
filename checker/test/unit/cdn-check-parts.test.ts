// What the checks of step 5 do without any machine: permissions that are changed, what answers say of caches, versions of files.

import { describe, expect, test } from 'vitest';
import { Answer } from '../../src/check/answer.ts';
import { isForEver, isShort, requireNotKept, requirePersonal } from '../../../steps/05-cdn/check/cache-control.ts';
import { forgeriesOf, type Ticket } from '../../../steps/05-cdn/check/permissions.ts';
import { versionOf } from '../../../steps/05-cdn/check/publishing.ts';

const known = { type: 'image/png', size: 8_000, seconds: 4 };
const soon = String(Math.round(Date.now() / 1_000) + 4);

function forgeries(ticket: Ticket, other: Ticket): string[] {
  return forgeriesOf(ticket, { ...known, other }).map(({ how }) => how);
}

describe('a permission is changed wherever something can be recognised in it', () => {
  test('in the query', () => {
    const url = (name: string, signature: string): string => `http://storage/images/${name}.png?size=8000&type=image%2Fpng&expires=${soon}&signature=${signature}`;
    const of = (name: string, signature: string): Ticket => ({ url: url(name, signature), headers: { 'Content-Type': 'image/png' } });
    expect(forgeries(of('a', '0123456789abcdef'), of('b', 'fedcba9876543210'))).toEqual([
      'without a signature',
      'with the name of another upload in the place of its own',
      'for a size that was changed',
      'for a type that was changed',
      'with a later end',
      'with a signature in which one character was changed',
      'with Content-Type: image/gif',
    ]);
  });

  test('in the headers', () => {
    const of = (name: string, signature: string): Ticket => ({ url: `http://storage/images/${name}`, headers: { 'x-signature': signature, 'x-seconds': '4' } });
    expect(forgeries(of('a', '0123456789abcdef'), of('b', 'fedcba9876543210'))).toEqual([
      'without a signature',
      'with the name of another upload in the place of its own',
      'with a signature in which one character was changed',
      'with more seconds',
    ]);
  });

  test('and is never a real one: a name that is a permission of its own cannot be swapped', () => {
    const of = (token: string): Ticket => ({ url: `http://storage/put/${token}`, headers: {} });
    expect(forgeries(of('0123456789abcdef'), of('fedcba9876543210'))).toEqual([]);
  });
});

function saying(cacheControl: string | undefined, status = 200): Answer {
  return new Answer({
    request: { who: 'Ada', method: 'GET', path: '/' },
    sentAt: 0,
    firstByteAt: 1,
    endedAt: 2,
    silence: undefined,
    status,
    headers: cacheControl === undefined ? {} : { 'cache-control': cacheControl },
    body: Buffer.alloc(0),
  });
}

describe('what an answer says of how long it may be kept', () => {
  test.each([
    ['public, max-age=31536000, immutable', true],
    ['max-age=2592000,IMMUTABLE', true],
    ['public, max-age=86400, immutable', false],
    ['public, max-age=31536000', false],
    ['private, max-age=31536000, immutable', false],
  ])('for ever: %s', (control, expected) => {
    expect(isForEver(saying(control))).toBe(expected);
  });

  test.each([
    ['public, max-age=5, stale-if-error=86400', true],
    ['max-age=0, s-maxage=10, stale-if-error=604800', true],
    ['max-age=5, s-maxage=60, stale-if-error=86400', false],
    ['max-age=60, s-maxage=5, stale-if-error=86400', false],
    ['max-age=0, stale-if-error=86400', false],
    ['max-age=5, must-revalidate, stale-if-error=86400', false],
    ['max-age=5', false],
    [undefined, false],
  ])('for seconds: %s', (control, expected) => {
    expect(isShort(saying(control))).toBe(expected);
  });

  test('for one person, and errors for nobody', () => {
    expect(() => requirePersonal(saying('private, max-age=60'), 'Ada asked')).not.toThrow();
    expect(() => requirePersonal(saying('no-store'), 'Ada asked')).not.toThrow();
    expect(() => requirePersonal(saying(undefined), 'Ada asked')).toThrow('Ada asked');
    expect(() => requirePersonal(saying('private, s-maxage=5'), 'Ada asked')).toThrow('Ada asked');
    expect(() => requireNotKept(saying(undefined, 404), 'Ada asked')).not.toThrow();
    expect(() => requireNotKept(saying('no-store', 404), 'Ada asked')).not.toThrow();
    expect(() => requireNotKept(saying('max-age=5', 404), 'Ada asked')).toThrow('Ada asked');
  });
});

test('a file tells of which version it is', () => {
  expect(versionOf('<html></html>')).toBe('the first');
  expect(versionOf('<html></html>\n<!-- graminsta version second -->')).toBe('second');
  expect(versionOf('const a = 1;\n/*! graminsta version third */')).toBe('third');
});
