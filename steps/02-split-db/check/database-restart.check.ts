import { exercise, pause, photoIn, pictures, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';

const boundMs = 3_000;
const people = 6;
/** What the way to the app and back may add on a slow computer. */
const toleranceMs = 500;
/** How long after the kill an answer may still be of a request that was in the database just then. */
const shockMs = 500;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  const { id } = photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to ask for.' });
  await timed(async () => {
    await tenConnections(app, ada);
    const load = crowd(app);
    try {
      // Six are in the middle of a statement when it happens, and the others idle: they break in different places.
      await app.database('db').lockTables('access exclusive');
      await app.database('db').untilTheyWait({ atLeast: people, timeoutMs: 1_000 });
      const killedAt = performance.now();
      await app.machine('db').kill();
      await itSaysSo(app, load, killedAt);
      await everybodySaysSo(ada, id);
      await itComesBack(app);
    } finally {
      await load.stop();
    }
  });
});

/** As many connections as the pool may have, all of them idle in the end. */
async function tenConnections(app: App, ada: User): Promise<void> {
  const lock = await app.database('db').lockTables('access exclusive');
  const answers = Promise.all(Array.from({ length: 10 }, () => ada.feed()));
  await Promise.race([answers, app.database('db').untilTheyWait({ atLeast: 10, settledMs: 300 })]);
  await lock.release();
  await answers;
}

async function itSaysSo(app: App, load: Load, killedAt: number): Promise<void> {
  const did = 'db was killed while people opened the feed';
  await app.untilAnswer('/readyz', ({ status }) => status === 503, {
    timeoutMs: boundMs,
    did,
    expected: `GET /readyz → 503 with the reason, within ${boundMs / 1000} s`,
    why: 'A machine that cannot serve has to say so, or it goes on to get users.',
  });
  const live = await app.visitor().client.send({ url: '/livez' });
  requireStatus(live, 200, { did, expected: 'GET /livez → 200', why: 'The process is well; only its database is not there. Killing it would help nobody.' });

  const meanwhile = (): Answer[] => load.answers.filter(({ sentAt }) => sentAt > killedAt + shockMs);
  while (meanwhile().length < 10 && isRunning(app)) await pause(5);
  requireThat(isRunning(app), {
    kind: 'did not survive',
    did,
    saw: 'the process on server ended',
    expected: 'a process that goes on and says 503',
    why: 'One machine that is lost must not take another with it.',
    machine: 'server',
  });
  const wrong = meanwhile().find(({ status, headers }) => status !== 503 || headers['retry-after'] === undefined);
  requireThat(wrong === undefined, {
    kind: wrong?.silence ? 'no answer' : 'wrong answer',
    did,
    saw: `${String(wrong)}${wrong?.status === 503 ? ', without Retry-After' : ''}`,
    expected: '503 with Retry-After while there is no database',
    why: whyWrong(wrong),
    machine: wrong?.machine ?? 'server',
  });
}

function whyWrong(wrong: Answer | undefined): string {
  if (wrong?.status === 503) return 'It will pass. Retry-After tells clients when to come back.';
  if (wrong?.ok) return 'What the app remembers is not what the database holds, and nobody can see that it is old.';
  if (wrong?.silence) return 'People do not wait until the database is back. Whoever is told 503 can try again.';
  return 'It is neither their fault (4xx) nor a mistake in the app (500), and it will pass.';
}

async function everybodySaysSo(ada: User, id: string): Promise<void> {
  const did = 'db was killed';
  for (const answer of await Promise.all([ada.photo(id), ada.likes(id), ada.uploads(pictures.png), ada.deletes(id), ada.logsIn()])) {
    requireStatus(answer, 503, { did, why: 'It is neither their fault (4xx) nor a mistake in the app (500), and it will pass.' });
  }
}

async function itComesBack(app: App): Promise<void> {
  const did = 'db was killed, and came back';
  await app.machine('db').start();
  await app.untilAnswer('/api/photos', ({ status }) => status === 200, {
    timeoutMs: boundMs + toleranceMs,
    did,
    expected: `GET /api/photos → 200 within ${boundMs / 1000} s, without a restart of server`,
    why: 'Nobody should have to restart the app because its database was restarted.',
  });
  await app.untilReady({ timeoutMs: boundMs, did });
  const visitor = app.visitor();
  for (let time = 1; time <= 20; time += 1) {
    requireStatus(await visitor.feed(), 200, { did: `${did}; the feed was opened ${time} times since then`, why: 'Broken connections have to be gone from the pool, not handed out again.' });
  }
}

function isRunning(app: App): boolean {
  return app.machine('server').services.every(({ process }) => process !== undefined && process.exit === undefined);
}

interface Load {
  answers: Answer[];
  stop(): Promise<void>;
}

/** Six people who open the feed again and again; whoever gets no answer tries again a little later. */
function crowd(app: App): Load {
  const answers: Answer[] = [];
  let stopped = false;
  const everybody = Array.from({ length: people }, async () => {
    const visitor = app.visitor();
    while (!stopped) {
      const answer = await visitor.feed();
      answers.push(answer);
      await pause(answer.ok ? 10 : 50);
    }
  });
  return {
    answers,
    stop: async () => {
      stopped = true;
      await Promise.all(everybody);
    },
  };
}
