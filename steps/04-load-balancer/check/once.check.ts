import { exercise, feedIn, photoIn, pictures, requireAnswer, requireThat, until, type App, type User } from 'checker/check';
import { answeredOrWaiting, apiMachines, untilReadyItself } from './behind.ts';

/** The same answer as the first time, or one that says that nothing was created this time. */
const repeated = [201, 200];
const why = 'When an answer is lost, the phone cannot know whether its photo arrived. Without a key it can only choose between none and two.';

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  await theAnswerIsLost(app, ada);
  await keysAreKeptApart(app, ada);
  await bothAtOnce(app, ada);
  await afterARestart(app, ada);
});

async function theAnswerIsLost(app: App, ada: User): Promise<void> {
  const caption = 'Lost on the way back';
  const key = { 'idempotency-key': 'a3f1c2d4-0001' };
  const wire = app.stack.wireOfPeople('lb');
  wire.cut('answers');
  const lost = ada.uploads(pictures.png, { caption, headers: key });
  const did = 'Ada posted a photo with an Idempotency-Key, and the answer was lost on its way to her';
  const stored = await until('the photo to be stored', () => app.database().holds(caption), { timeoutMs: 10_000 }).then(() => true, () => false);
  ada.client.close();
  await lost;
  wire.heal();
  requireThat(stored, { kind: 'no answer', did, saw: 'no photo in the database after 10 s', expected: 'the photo, stored', why: 'The request had arrived; only its answer got lost.', machine: 'lb' });
  const again = photoIn(await ada.uploads(pictures.png, { caption, headers: key }), repeated, { did: `${did}; she posted it again with the same key`, why });
  await requireOne(ada, caption, `${did}; she posted it again with the same key`, again.id);
  const third = photoIn(await ada.uploads(pictures.png, { caption, headers: key }), repeated, { did: `${did}; she posted it again, twice`, why });
  requireThat(third.id === again.id, { did: `${did}; she posted it again, twice`, saw: `the photo ${again.id}, then ${third.id}`, expected: 'the same photo', why, machine: 'lb' });
}

async function keysAreKeptApart(app: App, ada: User): Promise<void> {
  const bob = await app.member('bob');
  const key = { 'idempotency-key': 'a3f1c2d4-0001' };
  const his = photoIn(await bob.uploads(pictures.gif, { caption: 'By Bob', headers: key }), 201, { did: 'Bob posted a photo with a key that Ada has used', why: 'Keys are made up by each client for itself.' });
  requireThat(his.username === 'bob' && his.caption === 'By Bob', {
    did: 'Bob posted a photo with a key that Ada has used',
    saw: `the photo "${his.caption}" of ${his.username}`,
    expected: 'his own photo',
    why: 'Keys are made up by each client for itself. One that everybody shares gives one user what belongs to another.',
  });
  for (const headers of [{ 'idempotency-key': 'a3f1c2d4-0002' }, { 'idempotency-key': 'a3f1c2d4-0003' }, {}, {}] as Record<string, string>[]) {
    photoIn(await ada.uploads(pictures.png, { caption: 'Meant four times', headers }), 201, { did: 'Ada posted the same photo with two other keys, and twice without one', why: 'Only the same key says that it is the same photo.' });
  }
  const count = await countOf(ada, 'Meant four times');
  requireThat(count === 4, {
    did: 'Ada posted the same photo with two other keys, and twice without one',
    saw: `${count} of them in the feed`,
    expected: '4',
    why: 'Only the same key says that it is the same photo. Somebody may mean to post it again.',
  });
}

/** A phone that is impatient sends again before the first try has failed. */
async function bothAtOnce(app: App, ada: User): Promise<void> {
  const did = 'Ada posted a photo through all machines at the same moment, with the same key';
  const race = 'Whoever looks first and stores afterwards leaves a moment in which others look. Let what may be there only once, a unique index, decide.';
  for (let round = 1; round <= 3; round += 1) {
    const caption = `At once ${round}`;
    const machines = apiMachines(app);
    const headers = { 'idempotency-key': `at-once-${round}` };
    const lock = await app.database().lockTables('exclusive');
    const posts = machines.map((machine) => {
      const there = app.visitor('ada', machine);
      there.client.resume(ada.client);
      return there.uploads(pictures.png, { caption, headers });
    });
    // All of them have come as far as the first change, and go on together.
    await app.database().untilTheyWait({ atLeast: machines.length, settledMs: 300, timeoutMs: 1_500 });
    await lock.release();
    const answers = await Promise.all(posts);
    for (const answer of answers) requireAnswer(answer, { did, why: race });
    // Whoever came second may be told so (409), or get the photo of the first; whoever waited too long, to come again (503).
    const refused = answers.find(({ status }) => ![201, 200, 409, 503].includes(status));
    requireThat(refused === undefined, { did, saw: String(refused), expected: '201 with the photo, or 409 for those that came later', why: race, machine: refused?.machine });
    const last = await ada.uploads(pictures.png, { caption, headers });
    const { id } = photoIn(last, repeated, { did: `${did}, and once more when all had been answered`, why: race });
    await requireOne(ada, caption, did, id, race);
  }
}

async function afterARestart(app: App, ada: User): Promise<void> {
  const caption = 'Before the restart';
  const headers = { 'idempotency-key': 'a3f1c2d4-0004' };
  const first = photoIn(await ada.uploads(pictures.png, { caption, headers }), 201, { did: 'Ada posted a photo with a key', why });
  for (const [index, table] of (await app.database().tables()).entries()) await begunBeforeIt(app, ada, table, index);
  const did = 'Ada posted a photo with a key, all API machines were replaced, and she posted it again with the same key';
  const again = photoIn(await ada.uploads(pictures.png, { caption, headers }), repeated, { did, why });
  requireThat(again.id === first.id, { did, saw: `the photo ${first.id}, then ${again.id}`, expected: 'the same photo', why });
  await requireOne(ada, caption, did, first.id);
}

/** Staged: a table takes nothing new. Where that keeps a photo waiting in the middle, all API machines are lost at this point. */
async function begunBeforeIt(app: App, ada: User, table: string, index: number): Promise<void> {
  const caption = `Begun before restart ${index}`;
  const headers = { 'idempotency-key': `a3f1c2d4-001${index}` };
  const lock = await app.database().lockTables('exclusive', [table]);
  const cutOff = ada.uploads(pictures.png, { caption, headers });
  if (await answeredOrWaiting(app, cutOff)) return lock.release();

  await Promise.all(apiMachines(app).map((machine) => app.machine(machine).kill()));
  // The database would finish it without them.
  await app.database().cancelWaiting();
  await lock.release();
  await cutOff;
  await Promise.all(apiMachines(app).map((machine) => app.machine(machine).replace()));
  for (const machine of apiMachines(app)) await untilReadyItself(app, machine, `All API machines were lost, and a new ${machine} took its place`);
  await until('lb to have noticed', async () => (await ada.feed()).ok, { timeoutMs: 6_000, everyMs: 50 }).catch(() => undefined);
  const did = "Ada's photo was about to be stored when all API machines were lost; new ones took their place, and she posted it again with the same key";
  const { id } = photoIn(await ada.uploads(pictures.png, { caption, headers }), repeated, { did, why: 'Key and photo are noted together, or not at all. What is noted alone speaks of a photo that is not there, or is forgotten by one that is.' });
  await requireOne(ada, caption, did, id);
}

async function requireOne(ada: User, caption: string, did: string, id: string, reason = why): Promise<void> {
  const { photos } = feedIn(await ada.feed({ limit: 50 }), { did: `${did}, and opened the feed`, why });
  const same = photos.filter((photo) => photo.caption === caption);
  requireThat(same.length === 1 && same[0]?.id === id, {
    did,
    saw: same.length === 1 ? 'another photo than the one she was answered with' : `${same.length} photos in the feed`,
    expected: 'one photo',
    why: reason,
  });
}

async function countOf(user: User, caption: string): Promise<number> {
  const { photos } = feedIn(await user.feed({ limit: 50 }), { did: 'Ada opened the feed', why });
  return photos.filter((photo) => photo.caption === caption).length;
}
