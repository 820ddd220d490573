import { distinct, exercise, Failure, hasFailed, outcomes, pause, photoIn, pictures, requireOnTime, requireStatus, requireThat, together, type Answer, type App, type CrowdRequest, type Finding, type User } from 'checker/check';
import { apiMachines, timelineOfApis, untilAllServe, untilInRotation, untilReadyItself } from './behind.ts';

const graceMs = 10_000;
const backMs = 5_000;
/** How many photos are half sent at the moment of the signal: more than there are machines, so that each has some. */
const uploadsUnderWay = 6;
/** How long they are held at most. They go on when the machine takes nobody new any more, which may be sooner. */
const heldMs = 2_500;
/** A computer on which the crowd itself is later than that also keeps programs from ending, and health checks waiting. */
const lateMs = 300;

export default exercise(async ({ start, timed }) => {
  const app = await start();
  const ada = await app.member('ada');
  const photo = photoIn(await ada.uploads(pictures.png), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  await untilAllServe(app, app.visitor());
  await timed(() => deployedUnderLoad(app, ada, photo.id));
});

async function deployedUnderLoad(app: App, ada: User, photo: string): Promise<void> {
  const machines = apiMachines(app);
  const did = `${machines.join(', ')} were restarted in turn, each when the one before it was back, while people read, liked and posted`;
  const readers = app.crowd({ perSecond: 60, people: Array.from({ length: 8 }, () => app.visitor()), does: (who) => who.feed() });
  const likers = app.crowd({ perSecond: 10, people: [ada], does: (who) => who.likes(photo) });
  const posters = app.crowd({ perSecond: 5, people: [ada], does: (who, index) => who.uploads(distinct(pictures.png, `Deploy ${index}`), { caption: `Deploy ${index}` }) });
  let disorder: Finding | undefined;
  let lost: string | undefined;
  for (const machine of machines) {
    await readers.for(250);
    readers.mark(`${machine} restarted`);
    disorder = disorderIn(await stopped(app, ada, machine));
    if (disorder) break;
    await startedAgain(app, machine);
    if ((await untilInRotation(app.visitor(), machine, backMs)) === undefined) lost = machine;
    if (lost !== undefined) break;
  }
  await readers.for(250);
  const records = await Promise.all([readers.leaves(), likers.leaves(), posters.leaves()]);
  const timeline = timelineOfApis(app, ...records);

  const isCertain = disorder !== undefined && disorder.kind !== 'did not survive' && disorder.kind !== 'too slow';
  if (!isCertain) requireOnTime(together(...records), lateMs);
  if (disorder) throw new Failure({ ...disorder, timeline });
  const dropped = together(...records).requests.filter(isDropped);
  requireThat(dropped.length === 0, {
    kind: 'requests failed',
    did,
    saw: `${dropped.length} requests failed: ${outcomes(dropped)}; the first: ${dropped[0]?.saw ?? ''}`,
    expected: 'not one that fails',
    why: 'A deploy is no accident. The machine knows that it will stop, and can say so, finish its work, and leave when nobody is sent to it any more.',
    machine: dropped[0]?.machine ?? 'lb',
    timeline,
  });
  requireThat(lost === undefined, {
    kind: 'too slow',
    did: `${lost ?? ''} was restarted, and said 200 at /readyz`,
    saw: `no request was sent to it within ${backMs / 1_000} s`,
    expected: `requests within ${backMs / 1_000} s`,
    why: 'When each machine that was deployed stays out, the last one serves alone.',
    machine: 'lb',
    timeline,
  });
}

/** What was seen of a machine from SIGTERM until its program had ended. */
interface Stop {
  machine: string;
  /** It had to be. */
  killed: boolean;
  /** Its answers at /readyz, one after the other, until it took nobody new. */
  readiness: Answer[];
  /** The answers to the photos that were half sent. */
  uploads: Answer[];
}

async function stopped(app: App, ada: User, machine: string): Promise<Stop> {
  const uploads = await Promise.all(
    Array.from({ length: uploadsUnderWay }, (_, index) => ada.beginsUpload(distinct(pictures.png, `${machine} ${index}`), { caption: `While ${machine} stopped` })),
  );
  await Promise.all(uploads.map((upload) => upload.sendUpTo(0.5)));
  // Whoever answers these has got what came before them.
  await Promise.all(uploads.map(() => ada.feed()));
  let ended = false;
  const stopping = app.machine(machine).stop(graceMs).finally(() => (ended = true));
  const readiness = await readinessUntil(app, machine, () => ended);
  for (const upload of uploads) upload.sendRest();
  const [left, ...answers] = await Promise.all([stopping, ...uploads.map(({ answer }) => answer)]);
  return { machine, killed: left.length > 0, readiness, uploads: answers };
}

/** Asks a machine at its own address, on a new connection each time, for as long as it takes any. */
async function readinessUntil(app: App, machine: string, hasEnded: () => boolean): Promise<Answer[]> {
  const visitor = app.visitor('visitor', machine);
  const answers: Answer[] = [];
  const startedAt = performance.now();
  while (!hasEnded() && performance.now() - startedAt < heldMs) {
    const answer = await visitor.client.send({ url: '/readyz', headers: { connection: 'close' }, timeoutMs: 1_000 });
    answers.push(answer);
    if (answer.silence === 'refused' || answer.silence === 'reset') break;
    await pause(20);
  }
  return answers;
}

/** Who says that it is ready has to serve: also on this way to the database, on which preparing it takes a moment. */
async function startedAgain(app: App, machine: string): Promise<void> {
  const toDatabase = app.stack.wiresBetween(machine, 'db');
  for (const wire of toDatabase) wire.delay(15);
  await app.machine(machine).start();
  await untilReadyItself(app, machine, `${machine} was restarted`);
  const feed = await app.visitor('visitor', machine).feed();
  for (const wire of toDatabase) wire.heal();
  requireStatus(feed, 200, {
    did: `${machine} was restarted and said 200 at /readyz, and somebody opened the feed there at once`,
    why: 'The balancer believes what it is told. A machine that says yes before it can serve gets people whom it has to send away.',
  });
}

function disorderIn({ machine, killed, readiness, uploads }: Stop): Finding | undefined {
  if (killed) {
    return {
      kind: 'did not survive',
      did: `${machine} got SIGTERM`,
      saw: `the program still ran after ${graceMs / 1_000} s, and had to be killed`,
      expected: `a program that ends by itself within ${graceMs / 1_000} s`,
      why: 'A deploy waits for so long and no longer. Who is still served then is cut off.',
      machine,
    };
  }
  const cut = uploads.filter(({ status }) => status !== 201);
  if (cut.length > 0) {
    return {
      kind: cut.every((answer) => answer.silence === 'timeout' || answer.status === 503 || answer.status === 504) ? 'too slow' : 'requests failed',
      did: `${machine} got SIGTERM while ${uploads.length} photos were half sent to the machines, and the rest of them came a moment later`,
      saw: `${cut.length} of them failed: ${String(cut[0])}`,
      expected: '201 for each',
      why: 'What a machine has begun, it can finish before it ends.',
      machine,
    };
  }
  if (!readiness.some(({ status }) => status === 503)) {
    const said = readiness.map(String).filter((saw, index, all) => saw !== all[index - 1]);
    return {
      kind: readiness.some(({ silence }) => silence === undefined) ? 'wrong answer' : 'no answer',
      did: `${machine} got SIGTERM, and was asked for /readyz at its own address from then on`,
      saw: said.join(', then ') || 'no answer: it had ended at once',
      expected: 'GET /readyz → 503, while people are still served',
      why: 'The balancer sends people to a machine for as long as that says yes. It has to hear a no before the door is shut.',
      machine,
    };
  }
  return undefined;
}

function isDropped(request: CrowdRequest): boolean {
  return hasFailed(request) || request.status >= 400;
}
