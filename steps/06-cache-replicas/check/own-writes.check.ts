import { Chronicle, exercise, pause, requireThat, type App, type Witness } from 'checker/check';
import { longCaption, readsSlowly } from './late-fill.ts';
import { apis, requireStandby } from './machines.ts';
import { onQuickComputer } from './quick-computer.ts';
import { byPeople, ranDuring, toldOf, type Cost } from './statements.ts';
import { costOfColdFeed, UnaskedPages } from './uncached.ts';
import { Company, looksEverywhere, othersWithinMs, requireAnswered, requireKept } from './witnesses.ts';

const lagMs = 3_000;
const count = { writers: 8, readers: 8 };
const writingMs = 1_200;
const strangersReads = 60;
/** Sizes of pages, from this one on, that are asked for once, and nowhere else in this check. */
const unaskedFrom = 21;
const share = 0.5;

interface Cast {
  app: App;
  chronicle: Chronicle;
  ada: Witness;
  bob: Witness;
}

export default exercise(async ({ description, start }) => {
  requireStandby(description);
  const app = await start();
  const chronicle = new Chronicle(app);
  const [ada, bob, ...writers] = await Promise.all(['ada', 'bob', ...Array.from({ length: count.writers }, (_, index) => `writer${index + 1}`)].map((name) => chronicle.member(name)));
  const cast: Cast = { app, chronicle, ada: ada!, bob: bob! };
  await onQuickComputer(app, async () => {
    const heldMs = await readsTheSame(cast, await replicaShowsNothingNew(cast));

    await Promise.all(writers.map((who) => who.posts(`By ${who.name}`)));
    const cost = await costOfColdFeed(app);
    await app.database('replica').lag(lagMs);
    await replicaIsBehind(cast, writers, cost, Math.max(heldMs, lagMs));
  });
});

/** The replica holds back each of Ada's changes while she looks everywhere; and while somebody looks who has seen it from her. @returns how long the longest of it was, in milliseconds */
async function replicaShowsNothingNew({ app, chronicle, ada, bob }: Cast): Promise<number> {
  const [db, replica] = [app.database('db'), app.database('replica')];
  const photo = await ada.posts(longCaption('Held back'));
  const doomed = await ada.posts(longCaption('Soon gone'));
  if (photo === undefined || doomed === undefined) {
    requireAnswered(chronicle.writes, 'Ada posted two photos');
    return 0;
  }
  const changes: { change: (machine: string) => Promise<unknown>; about: string }[] = [
    { change: (machine) => ada.likes(photo, machine), about: photo },
    { change: (machine) => ada.unlikes(photo, machine), about: photo },
    { change: (machine) => ada.posts('Another photo', machine), about: photo },
    { change: (machine) => ada.deletes(doomed, machine), about: doomed },
  ];
  // A hold lasts as long as the looks take, which on a busy computer is longer than any lag that is asked for.
  let longestMs = lagMs;
  for (const [index, { change, about }] of changes.entries()) {
    await replica.untilAt(await db.position());
    const heldAt = performance.now();
    const behindMs = (): number => (longestMs = Math.max(longestMs, performance.now() - heldAt));
    await replica.holdReplay();
    await app.redis('cache').empty();
    const [here, there] = [apis[index % apis.length]!, apis[(index + 1) % apis.length]!];
    await change(here);
    // At another machine first: one that remembers her is no help there.
    await looksEverywhere(ada, about, [there, ...apis.filter((machine) => machine !== there)]);
    requireKept(chronicle, { lagMs: behindMs(), scene: 'The replica showed nothing new for a moment' });
    // What Ada has read may be in the cache now. No cache has a page of a size that nobody asked for.
    await looksEverywhere(bob, about, [here]);
    for (const [far, machine] of [there, here].entries()) await bob.feed(machine, unaskedFrom + 2 * index + far);
    await looksEverywhere(bob, about, [there]);
    requireKept(chronicle, { lagMs: behindMs(), scene: 'The replica showed nothing new for a moment, and Bob opened pages of sizes that nobody had asked for' });
    await replica.releaseReplay();
    await replica.untilAt(await db.position());
    behindMs();
    await looksEverywhere(ada, about);
  }
  requireKept(chronicle, { lagMs: longestMs });
  return longestMs;
}

/**
 * Bob is further than the replica, and reads; before the answer of db is there, Ada changes something, and reads the same at the same
 * machine. @returns how long the longest hold was, in milliseconds
 */
async function readsTheSame({ app, chronicle, ada, bob }: Cast, longestMs: number): Promise<number> {
  const [db, replica] = [app.database('db'), app.database('replica')];
  const photo = await ada.posts(longCaption('Read by two'));
  if (photo === undefined) return longestMs;
  await replica.untilAt(await db.position());
  const heldAt = performance.now();
  await replica.holdReplay();
  const reads: ((who: Witness, machine: string) => Promise<unknown>)[] = [(who, machine) => who.feed(machine), (who, machine) => who.photo(photo, machine)];
  const [here, there] = apis;
  for (const [index, read] of reads.entries()) {
    await (index % 2 === 0 ? bob.likes(photo, there) : bob.unlikes(photo, there));
    // The way to db is open then.
    await bob.feed(here, unaskedFrom + 20 + index);
    await readsSlowly(app, here, () => read(bob, here), async (begins) => {
      await (index % 2 === 0 ? ada.likes(photo, there) : ada.unlikes(photo, there));
      await begins(() => read(ada, here));
    }, ['db']);
    requireKept(chronicle, { lagMs: Math.max(longestMs, performance.now() - heldAt), scene: `The replica showed nothing new for a moment, and Bob was reading at ${here}: db had answered, and the answer was still on its way there when Ada changed something` });
  }
  await replica.releaseReplay();
  await replica.untilAt(await db.position());
  return Math.max(longestMs, performance.now() - heldAt);
}

/** Everybody writes and reads while the replica is far behind; then strangers read what no cache has; then all has arrived. */
async function replicaIsBehind({ app, chronicle, ada, bob }: Cast, writers: readonly Witness[], cost: Cost, longestMs: number): Promise<void> {
  const scene = `The replica was ${lagMs / 1_000} s behind, and ${count.writers} people wrote and read at all machines`;
  const photos = await Promise.all([ada, ...writers.slice(0, 3)].map((who) => who.posts(`By ${who.name}, late`)));
  const [quiet, ...lively] = photos.flatMap((photo) => photo ?? []);
  if (quiet === undefined) return requireAnswered(chronicle.writes, scene);
  const readers = Array.from({ length: count.readers }, (_, index) => chronicle.visitor(`Reader ${index + 1}`));
  const company = new Company({ writers, readers, photos: lively });
  try {
    await company.goesOn(writingMs);
    await company.leaves();
  } finally {
    company.disperse();
  }
  const lastWriteAt = performance.now();

  // Bob goes on changing one photo, and looks at it everywhere.
  await strangersReadTheReplica(app, cost, async (turn) => {
    await (turn % 2 === 0 ? bob.likes(quiet, apis[turn % apis.length]) : bob.unlikes(quiet, apis[turn % apis.length]));
    for (const machine of apis) await bob.photo(quiet, machine);
  });
  // The replica comes to where they were, and passes them.
  const following = [ada, bob, ...writers.slice(0, 2), ...readers.slice(0, 4)];
  const arrivesAt = lastWriteAt + othersWithinMs + lagMs + 600;
  while (performance.now() < arrivesAt) {
    await Promise.all(following.map((who, index) => looksEverywhere(who, quiet, [apis[index % apis.length]!])));
    await pause(250);
  }
  await Promise.all(apis.map((machine) => looksEverywhere(chronicle.visitor(`Stranger at ${machine}`), quiet, [machine])));
  requireAnswered([...chronicle.reads, ...chronicle.writes], scene);
  requireKept(chronicle, { lagMs: longestMs, scene });
}

/** People who have seen nothing new read pages that nobody has asked for, while somebody writes. */
async function strangersReadTheReplica(app: App, cost: Cost, meanwhile: (turn: number) => Promise<void>): Promise<void> {
  // Of other people's: whoever turned these pages has seen what is new.
  const pages = await UnaskedPages.of(app.visitor(), 8);
  await meanwhile(0);
  let over = false;
  const goesOn = async (): Promise<void> => {
    for (let turn = 1; !over; turn += 1) await meanwhile(turn);
  };
  const ran = await ranDuring(app, cost, async () => {
    const writing = goesOn();
    try {
      for (let index = 0; index < strangersReads; index += 1) {
        const who = app.visitor('stranger', apis[index % apis.length]);
        requireAnswered([await who.feed(pages.next())], 'Somebody opened a page of the feed that nobody had asked for');
        who.client.close();
      }
    } finally {
      over = true;
    }
    await writing;
  });
  requireThat(ran.replica >= share * byPeople(ran, cost), {
    did: `The replica was ${lagMs / 1_000} s behind, Bob liked a photo again and again, and ${strangersReads} strangers opened pages of the feed that nobody had asked for`,
    saw: `${toldOf(ran, 'the feed')}`,
    expected: `at least ${share * 100} % of them on replica`,
    why: 'Bob has to see what he did. Everybody else may see it a little later, and that is what the replica is for.',
  });
}
