import { Chronicle, exercise, type App, type Witness } from 'checker/check';
import { CommitGate } from './commits.ts';
import { longCaption, readsSlowly } from './late-fill.ts';
import { apis } from './machines.ts';
import { onQuickComputer } from './quick-computer.ts';
import { Company, looksEverywhere, othersWithinMs, rarePage, requireAnswered, requireKept } from './witnesses.ts';

const count = { writers: 20, readers: 20 };
const writingMs = 1_500;

interface Cast {
  app: App;
  chronicle: Chronicle;
  ada: Witness;
  bob: Witness;
  /** They have no account, and each goes to one machine. */
  passersBy: readonly { who: Witness; machine: string }[];
}

export default exercise(async ({ start }) => {
  const app = await start();
  const chronicle = new Chronicle(app);
  const [ada, bob] = await Promise.all([chronicle.member('ada'), chronicle.member('bob')]);
  const cast: Cast = { app, chronicle, ada, bob, passersBy: apis.map((machine) => ({ who: chronicle.visitor(`Visitor at ${machine}`), machine })) };
  const joining = Promise.all(Array.from({ length: count.writers }, (_, index) => chronicle.member(`writer${index + 1}`)));
  // Whoever waits for them is told.
  joining.catch(() => undefined);

  await onQuickComputer(app, async () => {
    await ownChangesAtOnce(cast);
    await slowReads(cast);
    await readsBeforeTheCommit(cast);
    await allTogether(cast, await joining);
  });
});

/** Everybody has looked everywhere; then Ada changes something, and looks everywhere again. */
async function ownChangesAtOnce({ chronicle, ada, bob, passersBy }: Cast): Promise<void> {
  const photo = await ada.posts(longCaption('Everywhere'));
  const doomed = await ada.posts(longCaption('Soon gone'));
  if (photo === undefined || doomed === undefined) return requireAnswered(chronicle.writes, 'Ada posted two photos');
  await bob.likes(photo);
  const changes: ((machine: string) => Promise<unknown>)[] = [
    (machine) => ada.likes(photo, machine),
    (machine) => ada.unlikes(photo, machine),
    (machine) => ada.posts('A third photo', machine),
    (machine) => ada.deletes(doomed, machine),
  ];
  for (const [index, change] of changes.entries()) {
    await Promise.all(passersBy.map(({ who, machine }) => looksEverywhere(who, index < 3 ? photo : doomed, [machine])));
    await change(apis[index % apis.length]!);
    await looksEverywhere(ada, index < 3 ? photo : doomed);
    requireKept(chronicle);
  }
}

/** A read is under way while Bob changes what it reads. When it arrives, it is old. */
async function slowReads({ app, chronicle, ada, bob, passersBy }: Cast): Promise<void> {
  const [slow, other] = [passersBy[0]!, passersBy[2]!];
  const feeds = [undefined, rarePage].map((limit) => ({ read: () => slow.who.feed(slow.machine, limit), again: (machine: string) => bob.feed(machine, limit) }));
  for (const seenBetween of [false, true]) {
    const photo = await ada.posts(longCaption('Seen late'));
    if (photo === undefined) continue;
    const single = { read: () => slow.who.photo(photo, slow.machine), again: (machine: string) => bob.photo(photo, machine) };
    for (const [index, { read, again }] of [...feeds, single].entries()) {
      await app.redis('cache').empty();
      await readsSlowly(app, slow.machine, read, async () => {
        await (index % 2 === 0 ? bob.likes(photo, 'api-2') : bob.unlikes(photo, 'api-2'));
        if (seenBetween) await again(other.machine);
      });
      for (const machine of apis) await again(machine);
      requireKept(chronicle, { scene: `Somebody was reading at ${slow.machine}: a database had answered, and the answer was still on its way there when Bob changed something` });
    }
  }
}

/** Bob changes something, and before it is committed others look. */
async function readsBeforeTheCommit({ app, chronicle, ada, bob, passersBy }: Cast): Promise<void> {
  const photo = await ada.posts(longCaption('Before the commit'));
  const doomed = await bob.posts(longCaption('Deleted in the end'));
  if (photo === undefined || doomed === undefined) return;
  const gate = await CommitGate.build(app);
  const changes = [
    { change: () => bob.likes(photo, 'api-2'), about: photo },
    { change: () => bob.unlikes(photo, 'api-3'), about: photo },
    { change: () => bob.deletes(doomed, 'api-1'), about: doomed },
  ];
  for (const { change, about } of changes) {
    await gate.holds(change, () => Promise.all(passersBy.map(({ who, machine }) => looksEverywhere(who, about, [machine]))));
    await looksEverywhere(bob, about);
    requireKept(chronicle, { scene: 'Bob changed something, and between the change and its commit others opened the feed and the photo' });
  }
}

/** Many write and read at all machines; then they only read, until everybody has to have seen all. */
async function allTogether({ chronicle, ada, bob, passersBy }: Cast, writers: readonly Witness[]): Promise<void> {
  const did = `${count.writers} writers and ${count.readers} readers posted, liked, deleted and read at all machines`;
  const photos = await Promise.all([ada, ...writers.slice(0, 4)].map((who) => who.posts(`By ${who.name}`)));
  const [quiet, ...lively] = photos.flatMap((photo) => photo ?? []);
  if (quiet === undefined) return requireAnswered(chronicle.writes, did);
  // Bob changes what everybody has seen, and does not look at it himself. Nobody else does, until it is high time: and then by
  // people each of whom looks once, and has seen nothing before.
  const stranger = (machine: string): Witness => chronicle.visitor(`Stranger at ${machine}`);
  const strangersLook = (): Promise<unknown> => Promise.all(apis.flatMap((machine) => [stranger(machine).photo(quiet, machine), stranger(machine).feed(machine, rarePage)]));
  await strangersLook();
  await bob.likes(quiet);

  const readers = Array.from({ length: count.readers - passersBy.length }, (_, index) => chronicle.visitor(`Reader ${index + 1}`));
  const company = new Company({ writers, readers: [...passersBy.map(({ who }) => who), ...readers], photos: lively });
  try {
    await company.goesOn(writingMs);
    company.stopsWriting();
    await company.goesOn(othersWithinMs + 800);
    await company.leaves();
  } finally {
    company.disperse();
  }
  await strangersLook();
  requireAnswered([...chronicle.writes, ...chronicle.reads], did);
  requireKept(chronicle, { scene: did });
}
