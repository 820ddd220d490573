// Whether commands wait in an API machine for a cache that is away: then they are told it when it is back, long after.

import { pause, requireThat, type App, type CommandSeen } from 'checker/check';
import { apis } from './machines.ts';

/** Pages that are asked for while the cache is away, and at no other time. */
const awaySizes = [41, 42, 43];
/** One that is asked for to tell what is said of any page. */
const anySize = 44;
/** What is longer is no name of anything; and this is the name of a script, with digits that mean nothing. */
const longestName = 150;
const isScript = (word: string): boolean => /^[\da-f]{40}$/.test(word);
const listenMs = 700;

export async function asksWhileAway(app: App): Promise<void> {
  await asks(app, awaySizes);
}

async function asks(app: App, sizes: readonly number[]): Promise<void> {
  await Promise.all(apis.flatMap((machine) => sizes.map((limit) => app.visitor('visitor', machine).feed({ limit }))));
}

/** Hears what the cache is told from now on: it has come back. */
export async function hearsAfterwards(app: App): Promise<CommandSeen[]> {
  const ear = await app.redis('cache').listen();
  await pause(listenMs);
  return ear.stop();
}

/** What the cache was told when it was back, by what had happened to it. */
export type HeardAfterwards = ReadonlyMap<string, readonly CommandSeen[]>;

/** @throws Failure when it was told what somebody had asked for while it was away */
export async function requireNoQueue(app: App, heard: HeardAfterwards): Promise<void> {
  // What it is told for such pages is learned now that it is there.
  const [ofAny, ofThese] = [await wordsDuring(app, () => asks(app, [anySize])), await wordsDuring(app, () => asks(app, awaySizes))];
  const names = awaySizes.map((size) => new RegExp(`(?<!\\d)${size}(?!\\d)`));
  const telling = [...ofThese].filter((word) => !ofAny.has(word) && word.length <= longestName && !isScript(word) && names.some((name) => name.test(word)));
  for (const [told, commands] of heard) {
    const before = new Set(commands.flatMap(({ words }) => words));
    const late = telling.find((word) => before.has(word));
    requireThat(late === undefined, {
      did: `${told}, and came back. While it was away, people asked for pages of ${awaySizes.join(', ')} photos, and nobody did afterwards`,
      saw: `when it was back, it was told of "${late ?? ''}"`,
      expected: 'no command that is older than its connection: one that cannot be sent fails at once',
      why: 'Each request of an outage leaves something in the memory of the API, for as long as it lasts. Then all of it is told to a cache that has just come back, and it is old by then.',
      machine: apis[0],
    });
  }
}

async function wordsDuring(app: App, section: () => Promise<void>): Promise<Set<string>> {
  const ear = await app.redis('cache').listen();
  await section();
  return new Set((await ear.stop()).flatMap(({ words }) => words));
}
