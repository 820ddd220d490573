import { addMachineLike, exercise, Failure, pause, requireStatus, requireThat, sentences, type AdvisoryLockSeen, type App } from 'checker/check';

/** How long the app has to hold out without a database before there is one. */
const aloneMs = 1_500;

export default exercise(async ({ start }) => {
  await theAppFirst(await start({ off: ['db'] }));
  const race = await start({ rearrange: (stack) => addMachineLike(stack, 'server', 'server-2'), off: ['server', 'server-2'] });
  await twoAtOnce(race);
});

async function theAppFirst(app: App): Promise<void> {
  const did = 'server was started, and there was no db yet';
  const visitor = app.visitor();
  const startedAt = performance.now();
  let live = await visitor.client.send({ url: '/livez' });
  while (performance.now() - startedAt < aloneMs || live.silence) {
    stillRuns(app, 'server', did);
    if (performance.now() - startedAt > 10_000) break;
    await pause(50);
    live = await visitor.client.send({ url: '/livez' });
  }
  requireStatus(live, 200, { did, expected: 'GET /livez → 200', why: 'The process is well; only its database is not there yet.' });
  const ready = await visitor.client.send({ url: '/readyz' });
  requireStatus(ready, 503, { did, expected: 'GET /readyz → 503 with the reason', why: 'Without a database it cannot serve, and has to say so.' });

  await app.machine('db').start();
  await app.untilReady({
    did: 'server was started first, and then db',
    why: 'What failed while there was no database has to be tried again until there is one: the schema too.',
  });
  requireStatus(await app.visitor('ada').signsUp(), 201, {
    did: 'server was started first, and then db; GET /readyz → 200, and Ada signed up',
    why: 'Whoever says that it is ready gets users, and there have to be tables for them.',
  });
}

async function twoAtOnce(app: App): Promise<void> {
  const did = 'Two apps were started at the same moment, and the database was empty';
  const names = ['server', 'server-2'];
  // Both get as far as the first change of the schema, or wait for the other before it; then both go on at once.
  const lock = await app.database('db').lockSchema();
  for (const name of names) await app.machine(name).start({ wait: false });
  await app.database('db').untilTheyWait({ atLeast: 2, settledMs: 2_000, timeoutMs: 5_000 });
  // Where another machine has made the tables already, they may be ready.
  const isEmpty = (await app.database('db').tables()).length === 0;
  for (const machine of isEmpty ? names : []) {
    const early = await app.visitor('visitor', machine).client.send({ url: '/readyz', timeoutMs: 3_000 });
    requireThat(early.status !== 200, {
      did: `${did}; nobody had been able to create a table yet`,
      saw: `${machine}: ${String(early)}`,
      expected: 'GET /readyz → 503 until the schema is there',
      why: 'Whoever says that it is ready gets users, and there is no table for them.',
      machine,
    });
  }
  const locks = await app.database('db').advisoryLocks();
  await lock.release();
  for (const machine of names) {
    try {
      await app.untilReady({ did, machine });
    } catch (error) {
      stillRuns(app, machine, did, lockedBy(locks));
      const left = lockedBy(await app.database('db').advisoryLocks(), 'in the end');
      throw error instanceof Failure ? new Failure({ ...error.finding, saw: sentences(error.finding.saw, left) }) : error;
    }
    stillRuns(app, machine, did, lockedBy(locks));
  }
  const ada = app.visitor('ada', 'server');
  requireStatus(await ada.signsUp(), 201, { did: `${did}; then Ada signed up`, why: 'Both apps use the same tables.' });
  const sameAda = app.visitor('ada', 'server-2');
  requireStatus(await sameAda.logsIn(), [200, 201], { did: `${did}; then Ada signed up at one and logged in at the other`, why: 'Both apps use the same tables.' });
}

/** What the two agreed on while they wait: learners see which lock was missing, or not the same one. */
function lockedBy(locks: readonly AdvisoryLockSeen[], moment = 'before the first table was made'): string {
  const held = locks.filter((lock) => lock.held);
  const numbers = new Set(held.map(({ number }) => number));
  if (held.length === 0) return `${moment} nobody held an advisory lock`;
  if (numbers.size > 1) return `${moment} they held ${numbers.size} different advisory locks`;
  const waiting = locks.length > held.length ? ', and the other app waited for it' : '';
  return `${moment} an advisory lock was held by a connection that was ${held[0]?.state ?? 'gone'}${waiting}`;
}

/** @param also what else was seen of them */
function stillRuns(app: App, machine: string, did: string, also?: string): void {
  if (!app.machine(machine).services.some(({ process }) => process?.exit)) return;
  throw new Failure({
    kind: 'did not survive',
    did,
    saw: sentences(`the app on ${machine} did not go on`, also),
    expected: 'an app that goes on, and is ready as soon as it can be',
    why: also === undefined
      ? 'After a power cut everything starts at once, in no order that anybody chose.'
      : 'After a power cut everything starts at once. One app has to wait for the other: with the same lock, from before the first table until the commit.',
    machine,
  });
}
