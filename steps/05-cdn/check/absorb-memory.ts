// More is asked for than an edge may keep.

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { requireThat, until } from 'checker/check';
import { requireWhole, type EdgeScene } from './edge-scene.ts';
import { forAYear } from './edge-keeping.ts';
import { Person } from './person.ts';

const megabyte = 1024 * 1024;
export const cacheBytes = 8 * megabyte;
const imageBytes = megabyte / 2;
/** Together 16 times as much as may be kept: more than a program ever needs besides. */
const images = (16 * cacheBytes) / imageBytes;
/** The hot image is asked for again after so many others: a quarter of what may be kept. */
const hotEvery = cacheBytes / imageBytes / 4;
/** Programs use more than they keep, with Node.js 24 more than with 20; who keeps all images uses 128 MB, and who keeps all addresses some 106. */
const mostGrownBytes = { images: 2 * cacheBytes + 80 * megabyte, addresses: 2 * cacheBytes + 76 * megabyte };
/** Some look only now and then whether they have too much, and count roughly. */
const mostHeldBytes = 3 * cacheBytes;
/** nginx looks every 10 s. */
const tidyingMs = 15_000;
/** One in so many is asked for again: enough to tell 24 MB from more. */
const sampleEvery = 8;

const addresses = 10_000;
/** Nearly as long as most programs take them; for those who take less, shorter ones. */
const addressBytes = [7_000, 1_000] as const;
const atOnce = 8;
/** Requests that are sent on a connection before their turn. */
const ahead = 20;

/** Much more than may be kept goes through, and one image in between again and again. @returns what has to be seen of it later */
export async function holdsItsMemory(scene: EdgeScene): Promise<() => Promise<void>> {
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
  await requireRoom(scene, before, mostGrownBytes.images, did);
  const more = origin.askedFor(hot).length - hotBefore;
  requireThat(more === 0, {
    did: `${did}; after every ${(hotEvery * imageBytes) / megabyte} MB the same one was asked for again`,
    saw: `this one was asked of the origin ${more} times more`,
    expected: 'it stays: what was not asked for the longest goes first',
    why,
    machine: edge,
  });
  return () => requireForgotten(scene, did, image);
}

/** Asks for some of the images again: those that do not reach the origin were held, and more may not be held than there is room for. */
async function requireForgotten({ origin, edge, ada }: EdgeScene, did: string, image: (number: number) => Buffer): Promise<void> {
  const most = mostHeldBytes / imageBytes / sampleEvery;
  let round = 0;
  let held = 0;
  const isWithin = async (): Promise<boolean> => {
    held = 0;
    // The newest first, since the others make them go. Each round asks for others, because what was asked for is there again.
    for (let number = images - 1 - (round % sampleEvery); number >= 0 && held <= most; number -= sampleEvery) {
      const path = `/images/many-${number}.png`;
      const before = origin.askedFor(path).length;
      requireWhole(await ada.asks(path), image(number), { did: `${did}; then some of them were asked for again`, why: 'What was let go of is asked for anew.', machine: edge });
      if (origin.askedFor(path).length === before) held += 1;
    }
    round += 1;
    return held <= most;
  };
  const hasRoom = await until('what is too much to be let go of', isWithin, { timeoutMs: tidyingMs, everyMs: 1_000 }).then(() => true, () => false);
  requireThat(hasRoom, {
    did: `${did}; then every ${sampleEvery}th of them was asked for again, the newest first`,
    saw: `more than ${most} of them did not reach the origin`,
    expected: `at most ${most}, which are ${mostHeldBytes / megabyte} MB of all`,
    why: 'How much an edge may hold is up to the machine that it runs on, which tells it in CACHE_BYTES. A number in the program knows nothing of the machine.',
    machine: edge,
  });
}

/** Addresses that nobody asks for twice, as whoever looks for weak points sends them: as fast as they are answered. */
export async function bearsManyAddresses(scene: EdgeScene): Promise<void> {
  const { app, origin, edge } = scene;
  // The answer is next to nothing: who counts only bodies holds all of them.
  origin.gives('/small', ({ url }) => ({ headers: { 'cache-control': 'public, max-age=600', etag: '"small"' }, body: `<${numberIn(url)}>` }));
  const [long, short] = addressBytes.map((bytes) => 'x'.repeat(bytes));
  const { status } = await scene.bob.asks(`/small?${addresses}&${long ?? ''}`);
  const filler = status === 200 ? long : short;
  const path = (number: number): string => `/small?${number}&${filler ?? ''}`;
  const before = app.machine(edge).memoryBytes();
  const did = `${addresses.toLocaleString('en')} different addresses, each of ${(filler?.length ?? 0) / 1_000} KB, were asked of ${edge}`;
  const lanes = Array.from({ length: atOnce }, (_, lane) => Array.from({ length: addresses / atOnce }, (_, index) => lane + index * atOnce));
  const why = 'Anybody can think of addresses, and there is no end to them.';
  for (const { wrong, answered } of await Promise.all(lanes.map((lane) => inARow(app.stack.wireOfPeople(edge).port, lane, path)))) {
    requireThat(wrong === undefined, { did, saw: `${wrong ?? ''}, after ${answered} on the same connection that were right`, expected: 'to each its own answer', why, machine: edge });
  }
  requireWhole(await scene.bob.asks(path(0)), '<0>', { did: `${did}; then Bob asked for the first of them`, why, machine: edge });
  await requireRoom(scene, before, mostGrownBytes.addresses, did);
}

/**
 * Asks for all over one connection, a few before the answers to those before them are there (RFC 9112, section 9.3.2): this costs the
 * check nearly nothing. An answer is known by its body, which is the number in its address between < and >.
 */
function inARow(port: number, numbers: readonly number[], path: (number: number) => string): Promise<{ answered: number; wrong: string | undefined }> {
  return new Promise((resolve) => {
    let answered = 0;
    const settle = (wrong?: string): void => {
      clearTimeout(timer);
      resolve({ answered, wrong });
    };
    const timer = setTimeout(() => settle(`no answer to number ${numbers[answered] ?? ''}`), 20_000);
    const connect = (): void => {
      const begin = answered;
      let sent = begin;
      let text = '';
      const socket = net.connect({ port, host: '127.0.0.1' });
      const send = (): void => {
        if (sent > answered + ahead / 2) return;
        const batch = numbers.slice(sent, answered + ahead);
        sent += batch.length;
        socket.write(batch.map((number) => `GET ${path(number)} HTTP/1.1\r\nHost: ${port}\r\n\r\n`).join(''));
      };
      socket.on('error', () => undefined);
      // Servers close connections after so many requests.
      socket.on('close', () => (answered === numbers.length ? settle() : answered > begin ? connect() : settle(`a closed connection instead of number ${numbers[answered] ?? ''}`)));
      socket.on('data', (piece: Buffer) => {
        text += piece.toString('latin1');
        for (const [found, number] of text.matchAll(/<(\d+)>/g)) {
          if (Number(number) !== numbers[answered]) return settle(`${found} for number ${numbers[answered] ?? ''}`);
          answered += 1;
        }
        text = text.slice(text.lastIndexOf('>') + 1);
        if (answered === numbers.length) socket.destroy();
        else send();
      });
      send();
    };
    connect();
  });
}

function numberIn(url: string): string {
  return /\d+/.exec(url)?.[0] ?? 'none';
}

/** @throws Failure when the edge's memory has grown by too much, and does not shrink again. */
async function requireRoom({ app, edge }: EdgeScene, before: number, most: number, did: string): Promise<void> {
  const grown = (): number => app.machine(edge).memoryBytes() - before;
  const holds = await until('memory to be let go of', () => grown() <= most, { timeoutMs: 2_000, everyMs: 50 }).then(() => true, () => false);
  requireThat(holds, {
    kind: 'did not survive',
    did,
    saw: `${edge} took ${Math.round(grown() / megabyte)} MB more of memory`,
    expected: `no more than ${most / megabyte} MB`,
    why: 'What only ever grows ends when the machine\'s memory does, and takes along all that it kept.',
    machine: edge,
  });
}
