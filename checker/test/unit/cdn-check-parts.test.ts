// What the checks of step 5 do without any machine: permissions that are changed, what answers say of caches, versions of files.

import { describe, expect, test } from 'vitest';
import { Answer } from '../../src/check/answer.ts';
import { isForEver, isForLong, isShort, requireNotKept, requirePersonal } from '../../../steps/05-cdn/check/cache-control.ts';
import { forgeriesOf, type Ticket } from '../../../steps/05-cdn/check/permissions.ts';
import { versionOf } from '../../../steps/05-cdn/check/publishing.ts';

const known = { type: 'image/png', size: 8_000, seconds: 4 };
const soon = String(Math.round(Date.now() / 1_000) + 4);

/** `refused: for a size that was changed` */
function forgeries(ticket: Ticket, other: Ticket): string[] {
  return forgeriesOf(ticket, { ...known, other }).map(({ demand, how }) => `${demand}: ${how}`);
}

describe('a permission is changed wherever something can be recognised in it', () => {
  const signed = '0123456789abcdef';
  const another = 'fedcba9876543210';
  const madeUp = 'refused: without a signature, under a name that he made up';
  const swapped = 'swap: with the name of another upload in the place of its own';
  const name = 'one is refused: with one character of the name changed';
  const signature = 'one is refused: with one character of its signature changed';

  test('in the query', () => {
    const url = (file: string, text: string): string => `http://storage/images/${file}.png?size=8000&type=image%2Fpng&expires=${soon}&signature=${text}`;
    const of = (file: string, text: string): Ticket => ({ url: url(file, text), headers: { 'Content-Type': 'image/png' } });
    expect(forgeries(of('a', signed), of('b', another))).toEqual([
      madeUp,
      madeUp,
      swapped,
      name,
      'refused: for a size that was changed',
      'refused: for a type that was changed',
      'refused later: with a later end',
      signature,
      'refused: with Content-Type: image/gif',
    ]);
  });

  test('in the path', () => {
    const of = (file: string, text: string): Ticket => ({ url: `http://storage/images/8000/${soon}/image%2Fpng/${text}/${file}.png`, headers: {} });
    expect(forgeries(of('a', signed), of('b', another))).toEqual([
      madeUp,
      swapped,
      'refused: for a size that was changed',
      'refused later: with a later end',
      'refused: for a type that was changed',
      signature,
      name,
    ]);
  });

  test('in the headers', () => {
    const of = (file: string, text: string): Ticket => ({ url: `http://storage/images/${file}`, headers: { 'x-signature': text, 'x-seconds': '4' } });
    expect(forgeries(of('a', signed), of('b', another))).toEqual([madeUp, madeUp, swapped, name, signature, 'refused later: with more seconds']);
  });

  test('but what the API did not give stays made up: a size, a type and an end', () => {
    const of = (file: string, text: string): Ticket => ({ url: `http://storage/images/${file}.png?size=8000&signature=${text}`, headers: {} });
    const [whole, unsigned] = forgeriesOf(of('ab', signed), { ...known, other: of('cd', another) });
    expect(whole?.ticket.url).toBe('http://storage/images/a0.png');
    expect(unsigned?.ticket.url).toBe('http://storage/images/a0.png?size=8000');
  });

  test('and is never a real one: a name that is a permission of its own cannot be swapped', () => {
    const of = (token: string): Ticket => ({ url: `http://storage/put/${token}`, headers: {} });
    expect(forgeries(of(signed), of(another))).toEqual([madeUp]);
  });

  test('of one kind in one order, whatever its values are', () => {
    const of = (file: string, text: string): Ticket => ({ url: `http://storage/images/${file}.png?uploadId=${file}${file}&signature=${text}`, headers: {} });
    const [own, other] = [of('4f0c1a7e-aaaa', signed), of('00000000-0001', another)];
    expect(forgeries(own, other)).toEqual(forgeries(other, own));
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
    ['public, max-age=31536000', true],
    ['s-maxage=2592000, max-age=0', true],
    ['public, max-age=86400, immutable', false],
    ['no-cache, max-age=31536000', false],
  ])('for long: %s', (control, expected) => {
    expect(isForLong(saying(control))).toBe(expected);
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
