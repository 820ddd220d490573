// What is one person's stays that person's, and what went wrong is not kept.

import { requireStatus, requireThat } from 'checker/check';
import { inWords, requireWhole, type EdgeScene } from './edge-scene.ts';
import type { Asked, Given } from './stub-origin.ts';

/** Who asks, as the origin of a personal answer knows them. */
const whoAsks = ({ headers }: Asked): string => headers.authorization?.replace('Bearer ', '') ?? headers.cookie?.replace('who=', '') ?? 'a stranger';

/** Answers that are for one person, asked for by two and by a stranger. */
export async function sharesNothingPersonal(scene: EdgeScene): Promise<void> {
  const { origin, edge, ada, bob } = scene;
  const byCookie = (who: string): Record<string, string> => ({ cookie: `who=${who}` });
  const byToken = (who: string): Record<string, string> => ({ authorization: `Bearer ${who}` });
  const cases: readonly [path: string, meaning: string, as: (who: string) => Record<string, string>, headers: Record<string, string>][] = [
    ['/me/private', 'cache-control: private, max-age=600', byCookie, { 'cache-control': 'private, max-age=600' }],
    ['/me/no-store', 'cache-control: no-store', byCookie, { 'cache-control': 'no-store' }],
    ['/me/both', 'cache-control: max-age=600, no-store', byCookie, { 'cache-control': 'max-age=600, no-store' }],
    ['/me/token', 'cache-control: max-age=600, to who asked with a token (and not public)', byToken, { 'cache-control': 'max-age=600' }],
    ['/me/validated', 'cache-control: max-age=600 and an ETag, to who asked with a token (and not public)', byToken, { 'cache-control': 'max-age=600', etag: '"me"' }],
  ];
  for (const [path, meaning, as, headers] of cases) {
    origin.gives(path, (asked) => ({ headers, body: `For ${whoAsks(asked)} alone` }));
    for (const [person, who] of [[ada, 'Ada'], [bob, 'Bob'], [ada, 'Ada'], [bob, undefined]] as const) {
      const answer = await person.asks(path, { headers: who === undefined ? {} : as(who) });
      const did = `Ada, Bob and somebody unknown asked ${edge} for ${path}, which storage sends with ${meaning}`;
      const why = 'What is one person\'s and was kept for all is the worst that a cache can do: strangers read it.';
      requireStatus(answer, 200, { did, why });
      const expected = `For ${who ?? 'a stranger'} alone`;
      // An edge may know nobody: what the origin has for strangers is nobody's secret.
      const right = [expected, 'For a stranger alone'];
      requireThat(right.includes(answer.body.toString('utf8')), { did, saw: `${inWords(answer.body)} for ${who ?? 'somebody unknown'}`, expected: `"${expected}"`, why, machine: edge });
    }
  }
  await keepsNoCookies(scene);
}

/** `public` makes no difference: whoever writes it on everything does not think of the cookie. */
async function keepsNoCookies({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  for (const [index, control] of ['max-age=600', 'public, max-age=600'].entries()) {
    const path = `/welcome/${index}`;
    origin.gives(path, (_asked, times): Given => ({ headers: { 'cache-control': control, 'set-cookie': `session=secret-${times}; HttpOnly` }, body: 'Welcome' }));
    const [first, second] = [await ada.asks(path), await bob.asks(path)];
    const did = `Ada and then Bob asked ${edge} for what storage sends with cache-control: ${control} and a cookie of each one's own`;
    const why = 'Whoever gets the cookie of another is logged in as that other.';
    for (const answer of [first, second]) requireWhole(answer, 'Welcome', { did, why, machine: edge });
    const [one, other] = [first.headers['set-cookie'], second.headers['set-cookie']];
    requireThat(other === undefined || one !== other, { did, saw: `set-cookie: ${other ?? ''} for both`, expected: 'nobody gets a cookie that another got', why, machine: edge });
  }
}

/** An error is over when it is over. */
export async function keepsNoErrors(scene: EdgeScene): Promise<void> {
  const { origin, edge, ada, bob } = scene;
  let isWell = false;
  const well: Given = { headers: { 'cache-control': 'public, max-age=600' }, body: 'All is well' };
  const why = 'An error that is kept lasts for as long as it is kept, and for everybody, however short it was at the origin.';
  for (const status of [500, 502, 503, 504, 404]) {
    isWell = false;
    const path = `/status/${status}`;
    origin.gives(path, () => (isWell ? well : { status, headers: { 'content-type': 'text/plain' }, body: 'Not now' }));
    const first = await ada.asks(path);
    const expected = status === 404 ? [404] : [500, 502, 503, 504];
    requireStatus(first, expected, { did: `Ada asked ${edge} for what storage answers with ${status}`, why: 'What went wrong has to be told: a page or a program that hears of it can try again.' });
    isWell = true;
    const did = `Ada asked ${edge} for ${path}, and storage answered with ${status}, without saying that this may be kept; a moment later storage has it, and Bob asked`;
    requireWhole(await bob.asks(path), 'All is well', { did, why, machine: edge });
  }

  for (const status of [302, 307]) {
    isWell = false;
    const path = `/status/${status}`;
    origin.gives(path, () => (isWell ? well : { status, headers: { location: '/elsewhere' }, body: '' }));
    requireStatus(await ada.asks(path), status, { did: `Ada asked ${edge} for what storage answers with ${status}`, why: 'The status is the answer.' });
    isWell = true;
    const did = `Ada asked ${edge} for ${path}, and storage led her elsewhere with ${status}, without saying that this may be kept; a moment later it has something there, and Bob asked`;
    requireWhole(await bob.asks(path), 'All is well', { did, why: 'These lead elsewhere for now, and for how long nobody has said: it may be kept only if that is said (RFC 9110, section 15.4.3).', machine: edge });
  }
  await keepsNothingBroken(scene);
}

/** What broke off on its way is not all there is. */
async function keepsNothingBroken({ origin, edge, ada, bob }: EdgeScene): Promise<void> {
  let isWell = false;
  const whole = Buffer.alloc(100_000, 'graminsta');
  const broken = async function* (): AsyncIterable<Buffer> {
    yield await Promise.resolve(whole.subarray(0, 40_000));
    throw new Error('storage is gone');
  };
  for (const [path, lengths] of [['/broken/of-known-length', { 'content-length': String(whole.length) }], ['/broken/in-pieces', {}]] as const) {
    isWell = false;
    const headers = { 'cache-control': 'public, max-age=600', ...lengths };
    origin.gives(path, () => ({ headers, body: isWell ? whole : broken() }));
    const half = await ada.asks(path);
    const halfWhy = 'Half a picture that looks like a whole one stays half, for as long as it is kept.';
    requireThat(half.silence !== undefined || half.status >= 500, {
      did: `Ada asked ${edge} for an image, and the connection to storage broke after ${40_000} of its ${whole.length} bytes`,
      saw: `${half.status} with ${half.body.length} bytes, and an end as if that were all`,
      expected: 'a connection that breaks, or an error',
      why: halfWhy,
      machine: edge,
    });
    isWell = true;
    const did = `The connection to storage broke in the middle of an image for Ada; a moment later Bob asked ${edge} for the same`;
    requireWhole(await bob.asks(path), whole, { did, why: halfWhy, machine: edge });
  }
}
