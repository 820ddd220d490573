import { exercise, outcomes, pause, requireOnTime, requireProblem, requireStatus, requireThat, type Answer, type App, type CrowdRecord, type User } from 'checker/check';
import { apiMachines, untilAllServe } from './behind.ts';

const flood = 30;
const floodMs = 3_000;
const leastRefused = 10;
const mostConnections = 20;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const people = {
    guesser: app.visitorFrom('127.0.3.1', 'ada'),
    forger: app.visitorFrom('127.0.3.2', 'ada'),
    patient: app.visitorFrom('127.0.3.3', 'carol'),
    bystander: app.visitorFrom('127.0.3.4', 'bob'),
  };
  for (const name of ['ada', 'bob', 'carol']) await app.member(name);
  await untilAllServe(app, app.visitor());
  await timed(() => guessing(app, people));
  await connectionsTogether(app);
});

interface People {
  /** Guesses Ada's password. */
  guesser: User;
  /** The same, with another made-up address each time. */
  forger: User;
  /** Logs in once a second. */
  patient: User;
  /** Has an address of his own, which the forger uses too. */
  bystander: User;
}

async function guessing(app: App, { guesser, forger, patient, bystander }: People): Promise<void> {
  const refused: Answer[] = [];
  const noted = async (asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    if (answer.status === 429) refused.push(answer);
    return answer;
  };
  const perSecond = flood / (floodMs / 1_000);
  const guesses = app.crowd({ perSecond, people: [guesser], does: (who, index) => noted(who.logsIn(`guess number ${index}`)) });
  const forged = app.crowd({ perSecond, people: [forger], does: (who, index) => noted(logsInAs(who, index)) });
  const calm = app.crowd({ perSecond: 1, people: [patient], does: (who) => who.logsIn() });
  await guesses.for(floodMs);
  const neighbour = await bystander.logsIn();
  const records = await Promise.all([guesses.leaves(), forged.leaves()]);
  await calm.for(1_000);
  const calmRecord = await calm.leaves();

  const [guessed, madeUp] = records;
  requireRefused(
    guessed,
    `One address sent ${guessed.requests.length} wrong log-ins within ${floodMs / 1_000} s`,
    'Guessing takes many tries. A limit that each of three machines keeps for itself is three times as high, and one that goes by user lets others in.',
  );
  requireRefused(
    madeUp,
    `One address sent ${madeUp.requests.length} wrong log-ins within ${floodMs / 1_000} s, each with another address in X-Forwarded-For, Forwarded and X-Real-IP`,
    'Anybody can write anything into a header. What the balancer saw itself is true, and what it was sent is not.',
  );
  requireProblem(refused[0]!, 429, { did: 'Somebody logged in too often', why: 'A program has to be able to read why it was refused.' });
  requireThat(refused.every(({ headers }) => /^\d+$|GMT$/.test(headers['retry-after'] ?? '')), {
    did: 'Somebody logged in too often',
    saw: `429 with Retry-After: ${refused.find(({ headers }) => !/^\d+$|GMT$/.test(headers['retry-after'] ?? ''))?.headers['retry-after'] ?? 'nothing'}`,
    expected: 'Retry-After with each 429: a number of seconds, or a date',
    why: 'It tells clients when to come back, and that is what keeps them from coming back at once.',
    machine: refused[0]?.machine,
  });
  requireStatus(neighbour, [200, 201], {
    did: 'Bob logged in from another address, one that somebody else had written into X-Forwarded-For many times',
    why: 'Who can use up the log-ins of others can lock them out. Without the real address, everybody behind the balancer is one.',
  });
  requireOnTime(calmRecord);
  const turnedAway = calmRecord.requests.filter(({ status }) => status !== 201 && status !== 200);
  requireThat(turnedAway.length === 0, {
    did: `Carol logged in once a second, ${calmRecord.requests.length} times, from an address of her own`,
    saw: outcomes(calmRecord.requests),
    expected: 'each time a session',
    why: 'People who mistype their password, or a family behind one address, are no attack.',
    machine: turnedAway[0]?.machine,
  });
}

/** Half of the addresses are made up at random, the others are the neighbour's. */
function logsInAs(who: User, index: number): Promise<Answer> {
  const address = index % 2 === 0 ? `203.0.113.${index}` : '127.0.3.4';
  return who.client.send({
    method: 'POST',
    url: '/api/sessions',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address, forwarded: `for=${address}`, 'x-real-ip': address, 'x-client-ip': address },
    body: JSON.stringify({ username: who.username, password: `guess number ${index}` }),
  });
}

function requireRefused(record: CrowdRecord, did: string, why: string): void {
  requireOnTime(record, 500);
  const refused = record.requests.filter(({ status }) => status === 429).length;
  const wrong = record.requests.find(({ status }) => status !== 429 && status !== 401);
  requireThat(wrong === undefined, {
    kind: wrong?.silence ? 'no answer' : 'wrong answer',
    did,
    saw: `${outcomes(record.requests)}; the first that is neither 401 nor 429: ${wrong?.saw ?? ''}`,
    expected: '401 for a wrong password, 429 for too many',
    why,
    machine: wrong?.machine,
  });
  requireThat(refused >= leastRefused, { did, saw: outcomes(record.requests), expected: `429 for at least ${leastRefused} of them`, why, machine: 'api-1' });
}

/** All tables are locked, and every machine has more to do than it has connections. */
async function connectionsTogether(app: App): Promise<void> {
  const lock = await app.database().lockTables('access exclusive');
  const visitors = apiMachines(app).map((machine) => app.visitor('visitor', machine));
  const answers = Promise.all(visitors.flatMap((visitor) => Array.from({ length: 25 }, () => visitor.feed())));
  await Promise.race([answers, app.database().untilTheyWait({ atLeast: mostConnections + 1, settledMs: 400, timeoutMs: 2_500 })]);
  // A connection that takes the place of another may overlap with it for a moment: what counts is what stays.
  let held = Infinity;
  for (let look = 0; look < 4; look += 1) {
    held = Math.min(held, (await app.database().sessions()).length);
    await pause(60);
  }
  await lock.release();
  await answers;
  requireThat(held <= mostConnections, {
    did: `All tables were locked, and 25 people opened the feed at each of ${visitors.length} API machines`,
    saw: `${held} connections to the database at once`,
    expected: `at most ${mostConnections}, over all machines together`,
    why: 'Each machine has a pool, and the database has one limit for all of them. With three times the machines, each may have a third.',
    machine: 'db',
  });
}
