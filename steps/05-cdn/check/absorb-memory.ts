// More is asked for than an edge may keep.

import { randomBytes } from 'node:crypto';
import { requireThat, until } from 'checker/check';
import { requireWhole, type EdgeScene } from './edge-scene.ts';
import { forAYear } from './edge-keeping.ts';
import { Person } from './person.ts';

const megabyte = 1024 * 1024;
export const cacheBytes = 16 * megabyte;
const imageBytes = megabyte / 2;
/** Together ten times as much as may be kept. */
const images = (10 * cacheBytes) / imageBytes;
/** The hot image is asked for again after so many others: a quarter of what may be kept. */
const hotEvery = cacheBytes / imageBytes / 4;
/** Programs use more than they keep; who keeps all uses twice as much as this. */
const mostGrownBytes = 2 * cacheBytes + 64 * megabyte;

const addresses = 10_000;
const atOnce = 16;

/** Ten times as much as may be kept goes through, and one image in between again and again. */
export async function holdsItsMemory(scene: EdgeScene): Promise<void> {
  const { app, origin, edge } = scene;
  const base = randomBytes(imageBytes);
  const image = (number: number): Buffer => {
    const bytes = Buffer.from(base);
    bytes.writeUInt32BE(number);
    return bytes;
  };
  const headers = { 'content-type': 'image/png', 'cache-control': forAYear };
  const hot = '/images/hot.png';
  for (let number = 0; number < images; number += 1) origin.gives(`/images/many-${number}.png`, () => ({ headers, body: image(number) }));
  origin.gives(hot, { headers, body: image(images) });

  const people = Array.from({ length: 4 }, (_, index) => new Person(app, `Person ${index + 1}`));
  const did = `${(images * imageBytes) / megabyte} MB of images were asked of ${edge}, which may keep ${cacheBytes / megabyte} MB (CACHE_BYTES)`;
  const why = 'There is always more on the other side than an edge can keep. What it does then decides whether it lives, and whether it is of use.';
  const askForHot = async (): Promise<void> => requireWhole(await scene.ada.asks(hot), image(images), { did: `${did}, and the same one again and again in between`, why, machine: edge });
  await askForHot();
  const before = app.machine(edge).memoryBytes();
  const hotBefore = origin.askedFor(hot).length;
  for (let number = 0; number < images; number += people.length) {
    const answers = await Promise.all(people.map((person, index) => person.asks(`/images/many-${number + index}.png`)));
    for (const [index, answer] of answers.entries()) requireWhole(answer, image(number + index), { did, why, machine: edge });
    if ((number + people.length) % hotEvery === 0) await askForHot();
  }
  await requireRoom(scene, before, did);
  const more = origin.askedFor(hot).length - hotBefore;
  requireThat(more === 0, {
    did: `${did}; after every ${(hotEvery * imageBytes) / megabyte} MB the same one was asked for again`,
    saw: `this one was asked of the origin ${more} times more`,
    expected: 'it stays: what was not asked for the longest goes first',
    why,
    machine: edge,
  });
}

/** Addresses that nobody asks for twice, as whoever looks for weak points sends them. */
export async function bearsManyAddresses(scene: EdgeScene): Promise<void> {
  const { app, origin, edge } = scene;
  origin.gives('/small', ({ url }) => ({ headers: { 'cache-control': 'public, max-age=600', etag: '"small"' }, body: `This is ${url}` }));
  const before = app.machine(edge).memoryBytes();
  const did = `${addresses.toLocaleString('en')} different addresses were asked of ${edge}`;
  let next = 0;
  const one = async (_: unknown, index: number): Promise<void> => {
    const person = new Person(app, `Person ${index + 1}`);
    while (next < addresses) {
      const path = `/small?number=${next}`;
      next += 1;
      const why = 'Anybody can think of addresses, and there is no end to them.';
      requireWhole(await person.asks(path), `This is ${path}`, { did, why, machine: edge });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  await requireRoom(scene, before, did);
}

/** @throws Failure when the edge's memory has grown by too much, and does not shrink again. */
async function requireRoom({ app, edge }: EdgeScene, before: number, did: string): Promise<void> {
  const grown = (): number => app.machine(edge).memoryBytes() - before;
  const holds = await until('memory to be let go of', () => grown() <= mostGrownBytes, { timeoutMs: 2_000, everyMs: 50 }).then(() => true, () => false);
  requireThat(holds, {
    kind: 'did not survive',
    did,
    saw: `${edge} took ${Math.round(grown() / megabyte)} MB more of memory`,
    expected: `no more than ${mostGrownBytes / megabyte} MB`,
    why: 'What only ever grows ends when the machine\'s memory does, and takes along all that it kept.',
    machine: edge,
  });
}
