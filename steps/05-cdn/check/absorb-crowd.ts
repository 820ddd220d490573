// Many who ask for the same at the same moment, before the edge has it.

import { randomBytes } from 'node:crypto';
import { pause, requireThat, until, type Answer } from 'checker/check';
import { requireWhole, type EdgeScene } from './edge-scene.ts';
import { forAYear } from './edge-keeping.ts';
import { Person, regionOf, type Ask } from './person.ts';

const crowdSize = 200;
/** After the last request has come to an edge, it has so long to read it. */
const readingMs = 100;
const patienceMs = 10_000;

/** Keeps the origin's answer back until somebody opens it. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

/** One cold image, asked for by a crowd: one request reaches the origin. */
export async function oneAsksForAll(scene: EdgeScene): Promise<void> {
  const { origin, edge } = scene;
  const image = randomBytes(60_000);
  const path = `/images/crowd-${edge}.png`;
  const gate = new Gate();
  origin.gives(path, async () => {
    await gate.opened;
    return { headers: { 'content-type': 'image/png', 'cache-control': forAYear }, body: image };
  });
  const { answers, allHaveCome } = gather(scene, path, times(crowdSize));
  await allHaveCome();
  gate.open();
  const did = `${crowdSize} people asked ${edge} for the same image at the same moment, and it did not have it yet`;
  const why = 'A picture that everybody wants is asked for by everybody at once. An edge that passes all of them on is no help when help is needed.';
  for (const answer of await Promise.all(answers)) requireWhole(answer, image, { did, why, machine: edge });
  const reached = origin.askedFor(path).length;
  requireThat(reached === 1, { did, saw: `${reached} requests reached the origin`, expected: '1 request, whose answer all of them get', why, machine: edge });
}

/** The one who asked first leaves; the others still want it. */
export async function theFirstLeaves(scene: EdgeScene, when: 'before the answer began' | 'in the middle of the answer'): Promise<void> {
  const { app, origin, edge } = scene;
  const image = randomBytes(200_000);
  const path = `/images/first-left-${when.split(' ')[0]}.png`;
  const gate = new Gate();
  const headers = { 'content-type': 'image/png', 'cache-control': forAYear, 'content-length': String(image.length) };
  const inTwo = async function* (): AsyncIterable<Buffer> {
    yield image.subarray(0, 100_000);
    await gate.opened;
    yield image.subarray(100_000);
  };
  origin.gives(path, async () => {
    if (when === 'before the answer began') await gate.opened;
    return { headers, body: inTwo() };
  });
  const first = new Person(app, 'Ada', regionOf(edge)).begins(path);
  await until('the first request to reach the origin', () => origin.askedFor(path).length > 0, { timeoutMs: patienceMs, everyMs: 5 }).catch(() => undefined);
  if (when === 'in the middle of the answer') await Promise.race([first.hasBegun, pause(500)]);
  const { answers: others, allHaveCome } = gather(scene, path, times(20));
  await allHaveCome();
  first.leaves();
  await pause(readingMs);
  gate.open();
  const did = `Ada asked ${edge} for an image; 20 others asked for it too while it came, and Ada left ${when}`;
  for (const answer of await Promise.all(others)) {
    requireWhole(answer, image, { did, why: 'A request that many wait for belongs to all of them. Whoever was the first may close their page.', machine: edge });
  }
  const reached = origin.askedFor(path).length;
  requireThat(reached <= 3, { did, saw: `${reached} requests reached the origin`, expected: 'one that goes on, or one more in its place', why: 'When the first leaves and all the others run off at once, the crowd is at the origin after all.', machine: edge });
}

/** The origin fails while many wait: all are told, and the next who asks gets it. */
export async function allAreTold(scene: EdgeScene, how: 'answered with 503' | 'closed the connection'): Promise<void> {
  const { origin, edge, bob } = scene;
  const path = `/images/${how.replaceAll(' ', '-')}.png`;
  const gate = new Gate();
  let isWell = false;
  origin.gives(path, async () => {
    if (isWell) return { headers: { 'cache-control': forAYear }, body: 'an image' };
    await gate.opened;
    if (how === 'closed the connection') throw new Error('storage is gone');
    return { status: 503, headers: { 'cache-control': 'no-store' }, body: 'Not now' };
  });
  const { answers, allHaveCome } = gather(scene, path, times(6));
  await allHaveCome();
  gate.open();
  const did = `6 people asked ${edge} for the same image at the same moment, and storage ${how}`;
  const why = 'Those who wait for another\'s request wait for its failure too. Nobody else will tell them.';
  for (const answer of await Promise.all(answers)) {
    requireThat(answer.silence === undefined || answer.silence === 'reset', { kind: 'no answer', did, saw: answer.toString(), expected: 'an answer, though it be an error', why, machine: edge });
  }
  isWell = true;
  // For a moment the same failure may be told to those who come too late to wait for it: each of them trying anew would be a crowd again.
  let last: Answer | undefined;
  await until('the image', async () => (last = await bob.asks(path)).ok, { timeoutMs: 3_000, everyMs: 50 }).catch(() => undefined);
  if (last) requireWhole(last, 'an image', { did: `${did}; then storage was well, and Bob asked for 3 s`, why: 'A failure that stays in the list of requests under way is a failure for ever.', machine: edge });
}

/** What is asked for together may still be different for each, and only the answer tells. */
export async function eachGetsTheirOwn(scene: EdgeScene, kind: 'private' | 'token' | 'language'): Promise<void> {
  const { origin, edge } = scene;
  const path = `/together/${kind}`;
  const gate = new Gate();
  const header = { private: 'cookie', token: 'authorization', language: 'accept-language' }[kind];
  const headers: Record<string, string> = {
    private: { 'cache-control': 'private, max-age=600' },
    token: { 'cache-control': 'max-age=600' },
    language: { 'cache-control': 'public, max-age=600', vary: 'Accept-Language' },
  }[kind];
  origin.gives(path, async (asked) => {
    await gate.opened;
    return { headers, body: `For ${String(asked.headers[header])}` };
  });
  const people = ['de', 'en', 'fr', 'it'];
  const { answers, allHaveCome } = gather(scene, path, people.map((who) => ({ headers: { [header]: who } })));
  await allHaveCome();
  gate.open();
  const meaning = kind === 'language' ? 'Vary: Accept-Language' : `cache-control: ${headers['cache-control']}`;
  for (const [index, answer] of (await Promise.all(answers)).entries()) {
    const did = `${people.length} people with different values of ${header} asked ${edge} at the same moment for what storage sends with ${meaning}`;
    requireWhole(answer, `For ${people[index]}`, { did, why: 'That many wait for one answer is right only when the answer is for all of them. Who it is for stands in its headers.', machine: edge });
  }
}

/** Requests at the same moment, each on a connection of its own. */
function gather({ app, origin, edge }: EdgeScene, path: string, asks: readonly Ask[]): { answers: Promise<Answer>[]; allHaveCome: () => Promise<void> } {
  const region = regionOf(edge);
  const since = performance.now();
  const wire = app.stack.wireOfPeople(edge, region);
  const arrived = (): number => wire.seen().connections.filter(({ openedAt, sentBytes }) => openedAt >= since && sentBytes > 0).length;
  const answers = asks.map((ask, index) => new Person(app, `Person ${index + 1}`, region).asks(path, { timeoutMs: patienceMs, ...ask }));
  return {
    answers,
    allHaveCome: async () => {
      // Those that are on the wire have a little way to go. Whoever passes them all on has them at the origin.
      const isThere = (): boolean => arrived() >= asks.length || origin.askedFor(path).length >= asks.length;
      await until('all to have come', isThere, { timeoutMs: patienceMs, everyMs: 5 }).catch(() => undefined);
      await pause(readingMs);
    },
  };
}

const times = (count: number): Ask[] => Array.from({ length: count }, () => ({}));
