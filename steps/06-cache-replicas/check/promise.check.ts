import { Chronicle, exercise, machinesWith, type App, type Witness } from 'checker/check';
import { CommitGate } from './commits.ts';
import { longCaption, readsSlowly } from './late-fill.ts';
import { apis } from './machines.ts';
import { onQuickComputer } from './quick-computer.ts';
import { Company, looksEverywhere, othersWithinMs, rarePage, requireAnswered, requireKept } from './witnesses.ts';

const count = { writers: 20, readers: 20 };
const writingMs = 1_500;
/** How many changes make a number longer: from 10 to 100 they are too many. */
const mostTurns = 12;
/** Sizes of pages, from this one on, that are asked for once, and nowhere else in this check. */
const unaskedFrom = 21;
const replicaPatienceMs = 1_000;

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
    await goneForGood(cast);
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
  await beforeALongerNumber(bob, photo);
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

/** Whoever compares numbers as text takes 9 for more than 10. So a number that counts changes is about to get a digit more. */
async function beforeALongerNumber(bob: Witness, photo: string): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const { headers } = await (turn % 2 === 0 ? bob.likes(photo) : bob.unlikes(photo));
    // Where none is told, it may still be counted: two photos, and these.
    const count = Number(headers['x-position'] ?? 3 + turn);
    const left = 10 ** String(count).length - count;
    // Others have no such number, or a long way to go.
    if (!(left > 2 && left <= mostTurns)) return;
  }
}

/** People who have a photo in their feed find it gone, and open the feed again. */
async function goneForGood({ app, chronicle, ada, passersBy }: Cast): Promise<void> {
  const photo = await ada.posts('Gone for good');
  if (photo === undefined) return;
  const opens = ({ who, machine }: Cast['passersBy'][number]): Promise<unknown> => who.feed(machine).then(() => who.feed(machine, rarePage));
  await app.redis('cache').empty();
  await untilReplicaShowsIt(app);
  await Promise.all(passersBy.map(opens));
  await ada.deletes(photo, 'api-2');
  await untilReplicaShowsIt(app);
  await Promise.all(passersBy.map(async (passerBy) => {
    await passerBy.who.photo(photo, passerBy.machine);
    await opens(passerBy);
  }));
  requireKept(chronicle, { scene: 'Ada deleted a photo, and people found it gone' });
}

/** A read is under way while Bob changes what it reads. When it arrives, it is old: for whoever reads then, and for whoever waits for the same. */
async function slowReads({ app, chronicle, ada, bob, passersBy }: Cast): Promise<void> {
  const [slow, other] = [passersBy[0]!, passersBy[2]!];
  const feeds = [undefined, rarePage].map((limit) => ({ read: () => slow.who.feed(slow.machine, limit), again: (machine: string) => bob.feed(machine, limit) }));
  for (const seenMeanwhile of ['by nobody', 'elsewhere', 'there'] as const) {
    const photo = await ada.posts(longCaption('Seen late'));
    if (photo === undefined) continue;
    const single = { read: () => slow.who.photo(photo, slow.machine), again: (machine: string) => bob.photo(photo, machine) };
    for (const [index, { read, again }] of [...feeds, single].entries()) {
      await app.redis('cache').empty();
      await readsSlowly(app, slow.machine, read, async (begins) => {
        await (index % 2 === 0 ? bob.likes(photo, 'api-2') : bob.unlikes(photo, 'api-2'));
        if (seenMeanwhile === 'elsewhere') await again(other.machine);
        if (seenMeanwhile === 'there') await begins(() => again(slow.machine));
      });
      for (const machine of apis) await again(machine);
      requireKept(chronicle, { scene: `Somebody was reading at ${slow.machine}: a database had answered, and the answer was still on its way there when Bob changed something` });
    }
  }
}

/** Bob changes something, and before it is committed others look; and once more where only the first of two transactions is. */
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
  for (const [index, { change, about }] of changes.entries()) {
    const look = (): Promise<unknown> => Promise.all(passersBy.map(({ who, machine }) => looksEverywhere(who, about, [machine])));
    // What is looked at first no cache has yet.
    const lookAnew = (): Promise<unknown> => Promise.all(passersBy.map(({ who, machine }) => who.feed(machine, unaskedFrom + index)));
    await gate.holds(change, look, () => untilReplicaShowsIt(app).then(lookAnew).then(look));
    await looksEverywhere(bob, about);
    requireKept(chronicle, { scene: 'Bob changed something, and before all of it was committed others opened the feed and the photo' });
  }
}

/** What has been committed by now. Where there is no replica, or one that follows nobody, there is nothing to wait for. */
async function untilReplicaShowsIt(app: App): Promise<void> {
  if (!machinesWith(app.stack.description, 'postgres').includes('replica')) return;
  const position = await app.database('db').position();
  await app.database('replica').untilAt(position, { timeoutMs: replicaPatienceMs }).catch(() => undefined);
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
