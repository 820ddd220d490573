import { exercise, hasFailed, outcomes, pause, requireOnTime, requireProblem, requireStatus, requireThat, type Answer, type App, type CrowdRecord, type User } from 'checker/check';
import { apiMachines, untilAllServe } from './behind.ts';

const flood = 30;
const floodMs = 3_000;
const leastRefused = 10;
/** One a second. A limit for each minute that stops the flood stops these too. */
const calmLogIns = 11;
const mostConnections = 20;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const people = {
    guesser: app.visitorFrom('127.0.3.1'),
    forger: app.visitorFrom('127.0.3.2', 'ada'),
    patient: app.visitorFrom('127.0.3.3', 'carol'),
    bystander: app.visitorFrom('127.0.3.4', 'bob'),
    owner: app.visitorFrom('127.0.3.5', 'ada'),
  };
  for (const name of ['ada', 'bob', 'carol']) await app.member(name);
  await untilAllServe(app, app.visitor());
  await timed(() => guessing(app, people));
  await connectionsTogether(app);
});

interface People {
  /** Tries one user name after the other. */
  guesser: User;
  /** Guesses Ada's password, with another made-up address each time. */
  forger: User;
  /** Logs in once a second. */
  patient: User;
  /** Has an address of his own, which the forger uses too. */
  bystander: User;
  /** Ada herself, whose password is guessed meanwhile. */
  owner: User;
}

async function guessing(app: App, { guesser, forger, patient, bystander, owner }: People): Promise<void> {
  const refused: Answer[] = [];
  const noted = async (asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    if (answer.status === 429) refused.push(answer);
    return answer;
  };
  const enough = new AbortController();
  const calm = logsInCalmly(patient, enough.signal);
  try {
    const perSecond = flood / (floodMs / 1_000);
    const guesses = app.crowd({ perSecond, people: [guesser], does: (who, index) => noted(guess(who, index, `user.${index}`)) });
    const forged = app.crowd({ perSecond, people: [forger], does: (who, index) => noted(guess(who, index, who.username, forgedHeaders(index))) });
    await guesses.for((floodMs * 2) / 3);
    const others = Promise.all([bystander.logsIn(), owner.logsIn()]);
    await guesses.for(floodMs / 3);
    const [guessed, madeUp, [neighbour, ada]] = await Promise.all([guesses.leaves(), forged.leaves(), others]);

    requireRefused(
      guessed,
      `One address sent ${guessed.requests.length} wrong log-ins within ${floodMs / 1_000} s, each for another user`,
      'Guessing takes many tries. A limit that each of three machines keeps for itself is three times as high, and one for each user lets in whoever tries one password on many.',
    );
    requireRefused(
      madeUp,
      `One address sent ${madeUp.requests.length} wrong log-ins within ${floodMs / 1_000} s, each with another address in X-Forwarded-For, Forwarded and X-Real-IP`,
      'Anybody can write anything into a header. What the balancer saw itself is true, and what it was sent is not.',
    );
    requireSayingWhen(refused);
    requireStatus(neighbour, [200, 201], {
      did: 'Bob logged in from another address, one that somebody else had written into X-Forwarded-For many times',
      why: 'Who can use up the log-ins of others can lock them out. Without the real address, everybody behind the balancer is one.',
    });
    requireStatus(ada, [200, 201], {
      did: 'Ada logged in from her own address, while somebody else guessed her password from theirs',
      why: 'Where a limit counts by user, or takes everybody for the balancer, anybody can lock anybody out.',
    });
    requireLetIn(await calm);
  } finally {
    enough.abort();
  }
}

/** Logs in again and again, each time a second after the answer. */
async function logsInCalmly(who: User, enough: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < calmLogIns && !enough.aborted) {
    answers.push(await who.logsIn());
    await pause(1_000);
  }
  return answers;
}

function guess(who: User, index: number, username: string, headers: Record<string, string> = {}): Promise<Answer> {
  return who.client.send({
    method: 'POST',
    url: '/api/sessions',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ username, password: `guess number ${index}` }),
  });
}

/** Half of the addresses are made up, the others are the neighbour's. */
function forgedHeaders(index: number): Record<string, string> {
  const address = index % 2 === 0 ? `203.0.113.${index}` : '127.0.3.4';
  return { 'x-forwarded-for': address, forwarded: `for=${address}`, 'x-real-ip': address, 'x-client-ip': address };
}

function requireSayingWhen(refused: readonly Answer[]): void {
  requireProblem(refused[0]!, 429, { did: 'Somebody logged in too often', why: 'A program has to be able to read why it was refused.' });
  const silent = refused.find(({ headers }) => !/^\d+$|GMT$/.test(headers['retry-after'] ?? ''));
  requireThat(silent === undefined, {
    did: 'Somebody logged in too often',
    saw: `429 with Retry-After: ${silent?.headers['retry-after'] ?? 'nothing'}`,
    expected: 'Retry-After with each 429: a number of seconds, or a date',
    why: 'It tells clients when to come back, and that is what keeps them from coming back at once.',
    machine: silent?.machine,
  });
}

function requireLetIn(answers: readonly Answer[]): void {
  for (const [index, answer] of answers.entries()) {
    requireStatus(answer, [200, 201], {
      did: `Carol logged in ${answers.length} times from an address of her own, each time a second after the answer; this was number ${index + 1}`,
      expected: 'a session each time',
      why: 'People who mistype their password, or a family behind one address, are no attack.',
    });
  }
}

function requireRefused(record: CrowdRecord, did: string, why: string): void {
  requireOnTime(record, 500);
  const refused = record.requests.filter(({ status }) => status === 429).length;
  const wrong = record.requests.find(({ status }) => status !== 429 && status !== 401);
  requireThat(wrong === undefined, {
    kind: wrong && hasFailed(wrong) ? 'requests failed' : 'wrong answer',
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
