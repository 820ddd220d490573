import { exercise, photoIn, pictures, requireStatus, requireThat, sentences, type Answer, type App, type User } from 'checker/check';

const boundMs = 5_000;
/** What the way to the app and back may add on a slow computer. */
const toleranceMs = 500;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  const { id } = photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to ask for.' });
  await timed(async () => {
    // In here: while others are timed, an idle connection may come to its end, and the silence has to meet it.
    await warmUp(app, ada);
    for (const wire of app.stack.wiresTo('db')) wire.cut();
    // The first wave meets connections that were idle; the second, what the app made of them.
    await everyRequestEnds(app, ada, id, 'The wire to db was cut while its ten idle connections stayed open, and 12 requests came');
    await everyRequestEnds(app, ada, id, 'The wire to db had been cut for a while, and 12 more requests came');
    for (const wire of app.stack.wiresTo('db')) wire.heal();
    await itRecovers(app, ada);
  });
});

/** Ten connections are open and idle when the silence begins, so that every request finds one that once worked. */
async function warmUp(app: App, ada: User): Promise<void> {
  const lock = await app.database('db').lockTables('access exclusive');
  const answers = Promise.all(Array.from({ length: 10 }, () => ada.feed()));
  await Promise.race([answers, app.database('db').untilTheyWait({ atLeast: 10, settledMs: 300 })]);
  await lock.release();
  await answers;
}

async function everyRequestEnds(app: App, ada: User, id: string, did: string): Promise<void> {
  const why = 'A dead machine refuses; a silent one says nothing, and who waits for it waits for ever.';
  const live = app.visitor().client.send({ url: '/livez', timeoutMs: boundMs + toleranceMs });
  const requests = [ada.uploads(pictures.png), ada.photo(id), ada.likes(id), ada.deletes(id), ...Array.from({ length: 8 }, () => ada.feed())];
  const answers: Answer[] = await Promise.all(requests);
  requireStatus(await live, 200, { did, expected: 'GET /livez → 200', why: 'The process is well; only its database is silent.' });

  const late = answers.filter(({ ms }) => ms > boundMs + toleranceMs);
  const [slow] = late;
  const inTime = answers.filter((answer) => !late.includes(answer));
  requireThat(slow === undefined, {
    kind: 'too slow',
    did,
    saw: sentences(
      `${slow?.call ?? ''} → ${slow?.silence ? 'no answer' : `${slow?.status ?? 0}`} after ${((slow?.ms ?? 0) / 1000).toFixed(1)} s`,
      howMany(late, inTime),
    ),
    expected: `an answer within ${boundMs / 1000} s`,
    why: 'A silent machine refuses nothing, so every wait needs an end: for a free connection, for a new one, and for an answer. One request can meet several.',
    machine: 'server',
  });
  const wrong = answers.find(({ status }) => status !== 503);
  const then = wrong?.silence ? await app.visitor().client.send({ url: '/livez' }) : undefined;
  requireThat(wrong === undefined, {
    kind: wrong?.silence ? 'no answer' : 'wrong answer',
    did,
    saw: sentences(String(wrong), then && `after it ${then.toString()}`),
    expected: '503 for everything that needs the database',
    why: wrong?.silence ? why : 'The silence will pass, and 503 says so. 500 tells of a mistake in the app, and 4xx of one in the request.',
    machine: wrong?.machine ?? 'server',
  });
}

/** The requests that were late, or those that were not, whichever are fewer. */
function howMany(late: readonly Answer[], inTime: readonly Answer[]): string {
  const all = late.length + inTime.length;
  if (late.length === 1) return `the other ${inTime.length} requests were in time`;
  if (inTime.length === 0) return `all ${all} requests took longer than ${boundMs / 1000} s`;
  if (inTime.length < late.length) return `${inTime.length} of ${all} requests were in time: ${summarise(inTime)}`;
  return `${late.length} of ${all} requests took longer than ${boundMs / 1000} s: ${summarise(late)}`;
}

/** `8 × GET /api/photos, 1 × POST /api/photos` */
function summarise(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const { call } of answers) counts.set(call, (counts.get(call) ?? 0) + 1);
  return [...counts].map(([call, count]) => `${count} × ${call}`).join(', ');
}

async function itRecovers(app: App, ada: User): Promise<void> {
  const did = 'The wire to db was cut for a while, and is whole again';
  await app.untilAnswer('/api/photos', ({ status }) => status === 200, {
    timeoutMs: boundMs + toleranceMs,
    did,
    expected: `GET /api/photos → 200 within ${boundMs / 1000} s, without a restart of server`,
    why: 'A silence ends, and the app should be the first to notice.',
  });
  // One success can be luck with one connection.
  for (const answer of await Promise.all(Array.from({ length: 10 }, () => ada.feed()))) {
    requireStatus(answer, 200, { did: `${did}; ten people opened the feed`, why: 'Connections that fell silent have to be gone from the pool, not handed out again.' });
  }
}
