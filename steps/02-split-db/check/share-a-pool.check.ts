import { clip, exercise, mostHeldTogether, pause, photoIn, pictures, requireProblem, requireThat, sentences, type Answer, type App, type SessionSeen, type User } from 'checker/check';

const poolMax = 10;
const boundMs = 3_000;
/** What the way to the app and back may add on a slow computer. */
const toleranceMs = 500;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  const { id } = photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to ask for.' });
  await timed(() => fortyRequestsShareTen(app));
  await failuresLeaveNothingBehind(app, ada, id);
  await tenRunSideBySide(app);
  await theNumberComesFromOutside(await start({ variables: { POOL_MAX: '4' } }));
});

async function fortyRequestsShareTen(app: App): Promise<void> {
  const crowd = 40;
  const did = `All tables were locked, and ${crowd} people opened the feed at the same moment`;
  for (const wire of app.stack.wiresTo('db')) wire.forget();
  const lock = await app.database('db').lockTables('access exclusive');
  const answers: Answer[] = [];
  const visitor = app.visitor();
  const all = Promise.all(
    Array.from({ length: crowd }, async () => {
      answers.push(await visitor.feed());
    }),
  );
  // What the connections do while most of them wait; later some have given up.
  const sessions = app.database('db').untilTheyWait().then(() => app.database('db').sessions()).catch((): SessionSeen[] => []);
  const startedAt = performance.now();
  while (answers.length < crowd && performance.now() - startedAt < boundMs + toleranceMs) await pause(10);
  const inTime = [...answers];
  const held = mostHeldTogether(app.stack.wiresTo('db').flatMap((wire) => wire.seen().connections), 300);
  const seen = await sessions;
  await lock.release();

  requireThat(held <= poolMax, {
    did,
    saw: sentences(`${held} connections to the database at once`, doing(seen)),
    expected: `at most ${poolMax}, which is POOL_MAX`,
    why:
      held < crowd
        ? 'Each connection is a process on the database. All that the app opens count together: those of a second pool too, and one that a migration leaves open.'
        : 'Each connection is a process on the database. Without a limit, a crowd in front of the app is a crowd in front of the database.',
    machine: 'server',
  });
  const turnedAway = inTime.filter(({ status }) => status === 503);
  requireThat(turnedAway.length >= crowd - poolMax, {
    kind: inTime.length < crowd - poolMax ? 'too slow' : 'wrong answer',
    did,
    saw: `after ${boundMs / 1000} s: ${summarise(inTime, crowd)}`,
    expected: `503 for the ${crowd - poolMax} that got no connection, within ${boundMs / 1000} s`,
    why: 'Who waits without an end cannot do anything else; who is told 503 can try again.',
    machine: 'server',
  });
  requireProblem(turnedAway[0]!, 503, { did, why: 'A program that calls the API can only react to errors that it can read.' });
  // RFC 9110, section 10.2.3: a number of seconds, or a date.
  const silent = turnedAway.find(({ headers }) => !/^\d+$|GMT$/.test(headers['retry-after'] ?? ''));
  requireThat(silent === undefined, {
    did,
    saw: `${String(silent)}, ${silent?.headers['retry-after'] === undefined ? 'without Retry-After' : `Retry-After: ${silent.headers['retry-after']}`}`,
    expected: 'a Retry-After with every 503: a number of seconds, or a date',
    why: 'It tells clients when to come back, and that is what keeps them from coming back at once.',
    machine: 'server',
  });
  await all;
}

async function failuresLeaveNothingBehind(app: App, ada: User, id: string): Promise<void> {
  const database = app.database('db');
  const lock = await database.lockTables('access exclusive');
  const kinds = [() => ada.feed(), () => ada.photo(id), () => ada.likes(id), () => ada.unlikes(id), () => ada.uploads(pictures.png), () => ada.deletes(id)];
  let answered = 0;
  const all = Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      await kinds[index % kinds.length]!();
      answered += 1;
    }),
  );
  while (answered < 200) {
    await database.cancelWaiting();
    await pause(5);
  }
  await all;
  await lock.release();
}

async function tenRunSideBySide(app: App): Promise<void> {
  const did = `200 requests of all kinds (feed, photo, like, upload, deletion) had failed in the database; then ${poolMax} people opened the feed at the same moment`;
  const database = app.database('db');
  const lock = await database.lockTables('access exclusive');
  const visitor = app.visitor();
  const answers = Promise.all(Array.from({ length: poolMax }, () => visitor.feed()));
  const side = await Promise.race([database.untilTheyWait({ atLeast: poolMax, settledMs: 1_000 }), answers.then(() => 0)]);
  const sessions = side < poolMax ? await database.sessions() : [];
  await lock.release();
  requireThat(side >= poolMax, {
    did,
    saw: sentences(`${side} of them in the database at the same time`, doing(sessions) ?? 'the app had no connection'),
    expected: `all ${poolMax} side by side`,
    why: sessions.every(({ waitsForLock }) => waitsForLock)
      ? 'Who shares one connection, or takes turns with ten of them, waits in line although the database has room for more.'
      : 'A connection that nobody gives back is lost to everybody. It happens after an error, and when a request gives up its wait for a connection and the connection comes after all.',
    machine: 'server',
  });
  const failed = (await answers).filter(({ status }) => status !== 200);
  requireThat(failed.length === 0, {
    did: `${did}, and the tables were free again`,
    saw: String(failed[0]),
    expected: `${poolMax} times 200`,
    why: 'As soon as there is room, people are served.',
    machine: 'server',
  });
}

/** Ten is also what some libraries take when nobody says a number. */
async function theNumberComesFromOutside(app: App): Promise<void> {
  for (const wire of app.stack.wiresTo('db')) wire.forget();
  const lock = await app.database('db').lockTables('access exclusive');
  const visitor = app.visitor();
  const answers = Promise.all(Array.from({ length: 12 }, () => visitor.feed()));
  await Promise.race([answers, app.database('db').untilTheyWait({ settledMs: 500 })]);
  const held = mostHeldTogether(app.stack.wiresTo('db').flatMap((wire) => wire.seen().connections), 300);
  const sessions = held > 4 ? await app.database('db').sessions() : [];
  await lock.release();
  await answers;
  requireThat(held <= 4, {
    did: 'The app was started with POOL_MAX=4, all tables were locked, and 12 people opened the feed at the same moment',
    saw: sentences(`${held} connections to the database at once`, doing(sessions)),
    expected: 'at most 4, which is POOL_MAX now',
    why: 'How many connections a database can bear depends on it and on how many apps there are, not on the code.',
    machine: 'server',
  });
}

/** `insert into likes`, `select … from photos`: the statement's own table, and not that of a count inside it. */
function inShort(statement: string): string {
  let outer = statement;
  while (/\([^()]*\)/.test(outer)) outer = outer.replaceAll(/\([^()]*\)/g, ' ');
  const [, verb, between, table] = /^\s*(\w+)\s+(.*?)\b((?:from|into)\s+[\w".]+)/is.exec(outer) ?? [];
  return verb === undefined ? clip(statement, 30) : `${verb} ${between === '' ? '' : '… '}${table}`;
}

/** `its connections: 10 × waiting for a table, 1 × idle after "commit"`. Undefined where there are none. */
function doing(sessions: readonly SessionSeen[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { waitsForLock, state, statement } of sessions) {
    const what = waitsForLock ? 'waiting for a table' : statement === '' ? `${state}, never used` : `${state} after "${inShort(statement)}"`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  const most = [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `${count} × ${what}`);
  return `its connections: ${most.slice(0, 4).join(', ')}${most.length > 4 ? ', and others' : ''}`;
}

/** `12 × 503, 3 × 500, 25 × no answer` */
function summarise(answers: readonly Answer[], asked: number): string {
  const counts = new Map<string, number>();
  for (const { silence, status } of answers) {
    const what = silence ?? String(status);
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  if (asked > answers.length) counts.set('no answer', asked - answers.length);
  return [...counts].map(([what, count]) => `${count} × ${what}`).join(', ');
}
