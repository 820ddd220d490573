// What an edge keeps, and what it has to keep apart.

import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { requireStatus, requireThat, type Answer } from 'checker/check';
import { inWords, requireKept, type EdgeScene } from './edge-scene.ts';
import type { Person } from './person.ts';
import type { Given } from './stub-origin.ts';

export const forAYear = 'public, max-age=31536000, immutable';
const forAWhile = 'public, max-age=600';

/** What may be kept is asked for once, and arrives as it was sent. */
export async function keepsWhatItMay(scene: EdgeScene): Promise<void> {
  const { origin, edge } = scene;
  const why = 'What the edge asks for again comes from the other side of the world again.';
  const image = randomBytes(120_000);
  const sent = { 'content-type': 'image/png', etag: '"3f1c"', 'last-modified': 'Sun, 01 Nov 2026 10:00:00 GMT', 'x-content-type-options': 'nosniff', 'cache-control': forAYear };
  origin.gives('/images/kept.png', { headers: sent, body: image });
  const { first, second } = await requireKept(scene, '/images/kept.png', image, why);
  for (const [who, answer] of [['Ada', first], ['Bob, from what was kept,', second]] as const) {
    for (const [name, value] of Object.entries(sent)) {
      const came = answer.headers[name] ?? 'nothing';
      // A tag may have become a weak one, and how long it may be kept may be said in other words.
      const isRight = name === 'cache-control' ? /max-age=\d+/.test(came) : came.replace(/^W\//, '').split(';')[0] === value;
      requireThat(isRight, {
        did: `${who} asked ${edge} for an image that storage sent with ${name}: ${value}`,
        saw: `${name}: ${came}`,
        expected: `${name}: ${value}`,
        why: 'Headers belong to the answer: without them a browser does not know what it has, nor for how long.',
        machine: edge,
      });
    }
  }

  const large = randomBytes(5 * 1024 * 1024);
  origin.gives('/images/large.png', { headers: { 'content-type': 'image/png', 'cache-control': forAYear }, body: large });
  await requireKept(scene, '/images/large.png', large, why);

  origin.gives('/empty', { headers: { 'cache-control': forAWhile }, body: '' });
  await requireKept(scene, '/empty', '', why);
  origin.gives('/in-pieces', (): Given => ({ headers: { 'cache-control': forAWhile }, body: pieces(['one, ', 'two, ', 'three']) }));
  await requireKept(scene, '/in-pieces', 'one, two, three', why);

  origin.gives('/moved', { status: 301, headers: { location: '/new', 'cache-control': 'max-age=600' }, body: '' });
  for (const who of [scene.ada, scene.bob]) {
    const moved = await who.asks('/moved');
    const did = `${who === scene.ada ? 'Ada' : 'Ada and then Bob'} asked ${edge} for what storage answers with 301 and cache-control: max-age=600`;
    requireStatus(moved, 301, { did, why: 'The status is the answer, also when it was kept: whoever gets another goes nowhere.' });
    requireThat(moved.headers['location']?.endsWith('/new') === true, {
      did,
      saw: `location: ${moved.headers['location'] ?? 'nothing'}`,
      expected: 'location: /new',
      why: 'The status is the answer, and the headers belong to it.',
      machine: edge,
    });
  }
}

async function* pieces(texts: readonly string[]): AsyncIterable<Buffer> {
  for (const text of texts) yield Promise.resolve(Buffer.from(text));
}

/** Every address, with its query, is another. What is written differently may be the same, and is never something else. */
export async function keepsAddressesApart({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  const addresses = ['/list?page=1', '/list?page=2', '/list', '/list?page=1&size=2', '/LIST', '/a/b', '/a%2Fb', '/a%252Fb', '/a%20b', '/a%3Fpage=1', '//a/b', '/x/../a/c', '/a/c'];
  for (const address of addresses) origin.gives(address.split('?')[0] ?? address, ({ url }) => ({ headers: { 'cache-control': forAWhile }, body: `This is ${url}` }));
  // Who tidies an address up before asking asks for one of these.
  for (const tidy of ['/x/a/c']) origin.gives(tidy, ({ url }) => ({ headers: { 'cache-control': forAWhile }, body: `This is ${url}` }));
  const why = 'The whole address says what is asked for. Two addresses under one key, and people get something else than they asked for.';
  for (const who of [ada, bob]) {
    for (const address of addresses) {
      const answer = await who.asks(address);
      const did = `${who.name} asked ${edge} for ${address}, after others had asked for ${addresses.filter((other) => other !== address).slice(0, 3).join(', ')} and so on`;
      // Dots and doubled slashes may be tidied up or refused.
      const isOdd = address.startsWith('//') || address.includes('..');
      if (isOdd && answer.status >= 400 && answer.status < 500) continue;
      requireStatus(answer, 200, { did, why });
      const right = [address, ...(isOdd ? [new URL(address.replace(/^\/+/, '/'), 'http://edge').pathname] : [])];
      const came = answer.body.toString('utf8');
      requireThat(right.some((one) => came === `This is ${one}`), { did, saw: inWords(answer.body), expected: `"This is ${address}"`, why, machine: edge });
    }
  }
}

/** What depends on what was asked with reaches those who asked like that. */
export async function respectsVary(scene: EdgeScene): Promise<void> {
  const { origin, edge, ada, bob } = scene;
  const text = 'A page, a little longer than this line. '.repeat(50);
  const languageOf = (wanted: string | undefined): string => (wanted?.startsWith('de') ? 'de' : 'en');
  const inLanguage = (language: string): string => (language === 'de' ? `Guten Tag. ${text}` : `Good day. ${text}`);
  const packed = (accepted: string | undefined): boolean => /\bgzip\b/.test(accepted ?? '');
  const give = (vary: string): void =>
    origin.gives(`/vary/${vary.replace(/\W+/g, '-')}`, ({ headers }) => {
      const language = languageOf(vary.includes('Language') ? headers['accept-language'] : undefined);
      const isPacked = vary.includes('Encoding') && packed(headers['accept-encoding']);
      const body = Buffer.from(vary === 'Cookie' ? `Hello, ${headers.cookie ?? 'visitor'}.` : inLanguage(language));
      return {
        headers: { 'cache-control': forAWhile, 'content-type': 'text/plain; charset=utf-8', vary, etag: `"${language}${isPacked ? '-gzip' : ''}"`, ...(isPacked && { 'content-encoding': 'gzip' }) },
        body: isPacked ? gzipSync(body) : body,
      };
    });

  const variants: readonly [vary: string, asked: Record<string, string>, expected: string][] = [
    ['Accept-Language', { 'accept-language': 'en' }, inLanguage('en')],
    ['Accept-Language', { 'accept-language': 'de' }, inLanguage('de')],
    ['Accept-Language', {}, inLanguage('en')],
    ['Accept-Encoding', { 'accept-encoding': 'gzip, br' }, inLanguage('en')],
    ['Accept-Encoding', { 'accept-encoding': 'identity' }, inLanguage('en')],
    ['Accept-Encoding', {}, inLanguage('en')],
    ['Accept-Encoding, Accept-Language', { 'accept-encoding': 'gzip', 'accept-language': 'en' }, inLanguage('en')],
    ['Accept-Encoding, Accept-Language', { 'accept-encoding': 'gzip', 'accept-language': 'de' }, inLanguage('de')],
    ['Accept-Encoding, Accept-Language', { 'accept-language': 'de' }, inLanguage('de')],
    ['Cookie', { cookie: 'name=Ada' }, 'Hello, name=Ada.'],
    ['Cookie', { cookie: 'name=Bob' }, 'Hello, name=Bob.'],
    ['Cookie', {}, 'Hello, visitor.'],
  ];
  for (const [vary] of variants) give(vary);
  for (const who of [ada, bob]) for (const [vary, asked, expected] of variants) await oneVariant(who, edge, vary, asked, expected);

  origin.gives('/vary/star', (_asked, times) => ({ headers: { 'cache-control': forAWhile, vary: '*' }, body: `Answer ${times}` }));
  const [first, second] = [await ada.asks('/vary/star'), await bob.asks('/vary/star')];
  requireThat(first.ok && second.ok && !first.body.equals(second.body), {
    did: `Ada and then Bob asked ${edge} for what storage sends with Vary: *`,
    saw: `${inWords(first.body)} for Ada, ${inWords(second.body)} for Bob`,
    expected: 'each gets an answer of their own',
    why: 'Vary: * says that it depends on more than the request tells: no answer fits a second request (RFC 9110, section 12.5.5).',
    machine: edge,
  });
}

async function oneVariant(who: Person, edge: string, vary: string, asked: Record<string, string>, expected: string): Promise<void> {
  const answer = await who.asks(`/vary/${vary.replace(/\W+/g, '-')}`, { headers: asked });
  const told = Object.entries(asked).map(([name, value]) => `${name}: ${value}`).join(', ') || 'none of these headers';
  const did = `${who.name} asked ${edge}, with ${told}, for what storage sends with Vary: ${vary}`;
  const why = 'Vary names the headers that the answer depends on. One kept for all of them, and people get pages that they cannot read, or that are another\'s.';
  requireStatus(answer, 200, { did, why });
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  requireThat(encoding === 'identity' || (encoding === 'gzip' && /gzip/.test(asked['accept-encoding'] ?? '')), {
    did,
    saw: `content-encoding: ${encoding}`,
    expected: 'an encoding that was accepted',
    why,
    machine: edge,
  });
  const body = unpacked(answer, encoding);
  requireThat(body?.toString('utf8') === expected, { did, saw: body ? beginning(body) : 'what cannot be unpacked', expected: beginning(Buffer.from(expected)), why, machine: edge });
}

function unpacked({ body }: Answer, encoding: string): Buffer | undefined {
  try {
    return encoding === 'gzip' ? gunzipSync(body) : body;
  } catch {
    return undefined;
  }
}

function beginning(body: Buffer): string {
  return `"${body.toString('utf8', 0, 20)}${body.length > 20 ? '…' : ''}"`;
}
