// Many who ask for the same at the same moment, before the edge has it.

import { randomBytes } from 'node:crypto';
import { requireThat, until, type Answer, type App } from 'checker/check';
import { cacheBytes } from './absorb-memory.ts';
import { requireWhole, type EdgeScene } from './edge-scene.ts';
import { forAYear } from './edge-keeping.ts';
import { Person, regionOf, wireTo, type Ask } from './person.ts';

const crowdSize = 200;
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
  const { answers, allHaveCome } = gather(scene, times(crowdSize, path));
  await allHaveCome();
  gate.open();
  const did = `${crowdSize} people asked ${edge} for the same image at the same moment, and it did not have it yet`;
  const why = 'A picture that everybody wants is asked for by everybody at once. An edge that passes all of them on is no help when help is needed.';
  for (const answer of await Promise.all(answers)) requireWhole(answer, image, { did, why, machine: edge });
  const reached = origin.askedFor(path).length;
  requireThat(reached === 1, { did, saw: `${reached} requests reached the origin`, expected: '1 request, whose answer all of them get', why, machine: edge });
}

/** Several cold images at once, each for several people: together they are less than half of what may be kept. */
export async function oneEachForSeveral(scene: EdgeScene): Promise<void> {
  const { origin, edge } = scene;
  // A photo of 4.5 MB is as large a part of the 64 MB that an edge has otherwise.
  const image = randomBytes(Math.floor((4.5 / 64) * cacheBytes));
  const paths = Array.from({ length: 6 }, (_, number) => `/images/several-${number}.png`);
  const gate = new Gate();
  for (const path of paths) {
    origin.gives(path, async () => {
      await gate.opened;
      return { headers: { 'content-type': 'image/png', 'cache-control': forAYear }, body: image };
    });
  }
  const { answers, allHaveCome } = gather(scene, paths.flatMap((path) => times(5, path)));
  await allHaveCome();
  gate.open();
  const did = `5 people asked ${edge} for each of ${paths.length} images of ${Math.round(image.length / 1024)} KB, all at the same moment, and it had none of them yet`;
  const why = 'A feed has many pictures, and a crowd that opens it asks for all of them. Each is asked for once, also while others are on their way, as long as they fit in.';
  for (const answer of await Promise.all(answers)) requireWhole(answer, image, { did, why, machine: edge });
  const reached = paths.map((path) => origin.askedFor(path).length);
  requireThat(reached.every((count) => count === 1), { did, saw: `${reached.join(', ')} requests for them reached the origin`, expected: '1 for each', why, machine: edge });
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
  const readBefore = readByEdge(app, edge);
  const first = new Person(app, 'Ada', regionOf(edge)).begins(path);
  const half = when === 'in the middle of the answer' ? 100_000 : 0;
  await seen('the first request to reach the origin', () => origin.askedFor(path).length > 0 && readByEdge(app, edge) - readBefore >= half);
  const { answers: others, allHaveCome } = gather(scene, times(20, path));
  await allHaveCome();
  first.leaves();
  await hasRead(scene);
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
  const { answers, allHaveCome } = gather(scene, times(6, path));
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
  const { answers, allHaveCome } = gather(scene, people.map((who) => ({ path, headers: { [header]: who } })));
  await allHaveCome();
  gate.open();
  const meaning = kind === 'language' ? 'Vary: Accept-Language' : `cache-control: ${headers['cache-control']}`;
  for (const [index, answer] of (await Promise.all(answers)).entries()) {
    const did = `${people.length} people with different values of ${header} asked ${edge} at the same moment for what storage sends with ${meaning}`;
    requireWhole(answer, `For ${people[index]}`, { did, why: 'That many wait for one answer is right only when the answer is for all of them. Who it is for stands in its headers.', machine: edge });
  }
}

/** Requests at the same moment, each on a connection of its own. */
function gather(scene: EdgeScene, asks: readonly (Ask & { path: string })[]): { answers: Promise<Answer>[]; allHaveCome: () => Promise<void> } {
  const { app, origin, edge } = scene;
  const region = regionOf(edge);
  const since = performance.now();
  const paths = [...new Set(asks.map(({ path }) => path))];
  const wire = wireTo(app, edge);
  const arrived = (): number => wire.seen().connections.filter(({ openedAt, sentBytes }) => openedAt >= since && sentBytes > 0).length;
  // Whoever passes them all on has them at the origin.
  const passedOn = (): number => paths.reduce((sum, path) => sum + origin.askedFor(path).length, 0);
  const answers = asks.map(({ path, ...ask }, index) => new Person(app, `Person ${index + 1}`, region).asks(path, { timeoutMs: patienceMs, ...ask }));
  return {
    answers,
    allHaveCome: async () => {
      await seen('all to have come', () => arrived() >= asks.length || passedOn() >= asks.length);
      await hasRead(scene);
    },
  };
}

/** What came to the edge before, also that somebody left, has been read when the answer to this has come: nobody keeps it, so it comes from the origin. */
async function hasRead({ bob }: EdgeScene): Promise<void> {
  await bob.asks('/first');
}

/** Bytes that have come from the origin to an edge so far. */
function readByEdge({ stack }: App, edge: string): number {
  return stack.wiresBetween(edge, 'storage').reduce((sum, wire) => sum + wire.seen().answeredBytes, 0);
}

/** Waits for it. What never comes shows in the answers. */
async function seen(what: string, look: () => boolean): Promise<void> {
  await until(what, look, { timeoutMs: patienceMs, everyMs: 5 }).catch(() => undefined);
}

const times = (count: number, path: string): { path: string }[] => Array.from({ length: count }, () => ({ path }));
