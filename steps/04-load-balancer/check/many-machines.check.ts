import { exercise, feedIn, photoIn, pictures, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';
import { apiMachines, trafficFromLb, untilReadyItself } from './behind.ts';

const crowd = 600;
const atATime = 30;
const inTurn = 60;
/** With three machines, 15 % of all requests: where there are more of them, each needs less. */
const leastOfItsPart = 0.45;
const perRequest = 'A browser keeps one connection open for all that it asks. The balancer has to choose for each request, or one busy neighbour keeps one machine busy.';
const handsOn =
  'What works past the balancer has to work through it: it hands on method, path, query, headers (Content-Type and Authorization among them) and body, and the answer in the same way.';

export default exercise(async ({ start }) => {
  const app = await start({ unready: true });
  await lbKnowsThem(app);
  await thePageKnowsLb(app);
  const ada = await allIsPassedOn(app);

  const visitors = Array.from({ length: atATime }, () => app.visitor());
  await isShared(app, 'Three machines serve three times as many people only when each gets its part.', async () => {
    await Promise.all(visitors.map((visitor) => asks(visitor, crowd / atATime)));
    return `${crowd} requests came, ${atATime} at a time`;
  });

  // Somebody who is logged in, so that neither connection nor address nor token nor cookie decides who answers.
  let count = 0;
  const oneAfterTheOther = async (): Promise<string> => {
    await asks(ada, count === 0 ? inTurn : inTurn * 4);
    count += count === 0 ? inTurn : inTurn * 4;
    return `${count} requests came one after the other, on one connection`;
  };
  await isShared(app, perRequest, oneAfterTheOther, oneAfterTheOther);
});

/** Before anything is asked of lb: the machines are well, and lb was told where they are. */
async function lbKnowsThem(app: App): Promise<void> {
  const names = apiMachines(app);
  for (const name of names) await untilReadyItself(app, name, `${name} was started`);
  const unknown = names.filter((name) => app.stack.wiresBetween('lb', name).length === 0);
  requireThat(unknown.length === 0, {
    kind: 'wrong stack',
    did: 'The stack was started',
    saw: `no wire from lb to ${unknown.join(', nor to ')}: lb is not told where it is`,
    expected: 'a balancer that knows every API machine (UPSTREAMS is apis.urls)',
    why: 'A machine that lb does not know gets no requests, and is no help.',
    machine: 'lb',
    place: 'stack.ts',
  });
  await app.untilReady({
    did: `The stack was started, ${names.join(', ')} said 200 at /readyz, and so should lb, which asks one of them`,
    why: 'People reach the machines through lb, and only through lb.',
  });
}

/** The way of all requests is over lb only when those who send them are told of lb. */
async function thePageKnowsLb(app: App): Promise<void> {
  const browser = app.visitor('visitor', 'client');
  const configuration = await browser.client.send({ url: '/config.json' });
  const did = 'The page asked for /config.json at the entrance web';
  const why = 'Whoever is told of one machine goes on asking that one, also when it is dead.';
  requireStatus(configuration, 200, { did, why });
  const { apiUrl } = (configuration.json ?? {}) as { apiUrl?: unknown };
  requireLb(app, typeof apiUrl === 'string' ? apiUrl : '', { did, what: 'apiUrl', variable: 'API_URL', machine: 'client', why });
}

/** What Ada asks of lb arrives at a machine as she sent it, and the machine's answer at her. @returns Ada, logged in at one machine */
async function allIsPassedOn(app: App): Promise<User> {
  // At the machine itself, so that it makes no difference yet which machine knows her.
  const [machine = 'api-1'] = apiMachines(app);
  const past = await app.member('ada', { machine });
  photoIn(await past.uploads(pictures.png, { caption: 'Past lb' }), 201, { did: `Ada posted a photo at ${machine} itself`, why: 'There has to be something to look at.' });
  const ada = app.visitor('ada');
  ada.client.resume(past.client);
  const well = `Ada signed up and posted a photo at ${machine} itself, and all was well`;

  await asks(ada, 1);
  requireSignature(app, await ada.feed());
  requirePassedOn(await app.visitor('bea').signsUp(), `${well}; then Bea signed up at the entrance api`);
  const { answer, machines, tries } = await answerOf(machine, () => ada.uploads(pictures.png, { caption: 'Through lb' }));
  requireThat(answer.ok || machines.size > 1 || tries === 1, {
    did: `${well}; then she posted another one at the entrance api, ${tries} times one after the other on one connection`,
    saw: `all of them went to ${[...machines].join(', ') || 'a machine that does not say its name'}; the last: ${answer.toString()}`,
    expected: 'another machine for the next request, on the same connection too',
    why: perRequest,
    machine: 'lb',
  });
  requirePassedOn(answer, `${well}; then she posted another one at the entrance api, until ${machine} answered`);
  const did = 'Ada posted a photo at the entrance api';
  const { imageUrl } = photoIn(answer, 201, { did, why: 'There has to be something to look at.' });
  requireLb(app, imageUrl, { did, what: 'imageUrl', variable: 'PUBLIC_URL', machine, why: 'An image that is loaded from one machine is missing when that machine is.' });

  const page = feedIn(await ada.feed({ limit: 1 }), { did: `${did}, and asked for a page of the feed with one photo`, why: handsOn });
  requireThat(page.photos.length === 1, {
    did: `${did}, where there was one already, and asked for one photo`,
    saw: `GET /api/photos?limit=1 → ${page.photos.length} photos`,
    expected: 'the newest one: whatever follows the ? is part of the question',
    why: handsOn,
    machine: 'lb',
  });
  return ada;
}

/** Who is logged in at one machine need not be known at the others yet: asks until that one answers. */
async function answerOf(machine: string, ask: () => Promise<Answer>): Promise<{ answer: Answer; machines: Set<string>; tries: number }> {
  const machines = new Set<string>();
  for (let tries = 1; ; tries += 1) {
    const answer = await ask();
    if (answer.machine !== undefined) machines.add(answer.machine);
    // One that knows her all the same is as good.
    if (tries === 60 || answer.machine === machine || answer.ok) return { answer, machines, tries };
  }
}

function requirePassedOn(answer: Answer, did: string): void {
  requireThat(answer.status === 201, {
    kind: answer.silence ? 'no answer' : 'wrong answer',
    did,
    saw: answer.toString(),
    expected: 'status 201, as past lb',
    why: handsOn,
    machine: 'lb',
  });
}

async function asks(visitor: User, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const answer = await visitor.feed();
    requireThat(answer.status === 200, {
      // Without a reason of theirs: a computer too busy to answer in time makes a balancer say so too.
      kind: answer.silence ? 'no answer' : answer.status >= 500 ? 'requests failed' : 'wrong answer',
      did: 'Somebody opened the feed at the entrance api',
      saw: answer.toString(),
      expected: 'GET /api/photos → 200',
      why: 'All machines are well, so no request has a reason to fail.',
      // What breaks off may have begun with the name of a machine that knows nothing of it.
      machine: answer.silence ? 'lb' : (answer.machine ?? 'lb'),
    });
  }
}

/** An answer says which machine it is of: whoever looks for the one that fails has nothing else to go by. */
function requireSignature(app: App, answer: Answer): void {
  if (answer.status !== 200) return;
  requireThat(answer.machine !== undefined && apiMachines(app).includes(answer.machine), {
    did: 'Somebody opened the feed at the entrance api',
    saw: `${answer.toString()}, ${answer.machine === undefined ? 'without X-Served-By' : `X-Served-By: ${answer.machine}`}`,
    expected: `X-Served-By: ${apiMachines(app).slice(0, 3).join(', or ')}, as the machine sent it`,
    why: 'Whoever looks for the machine that fails has to be told which one answered. A balancer hands the headers of an answer on.',
    machine: 'lb',
  });
}

interface Told {
  did: string;
  /** What said the address. */
  what: string;
  /** Through which a machine is told of it. */
  variable: string;
  machine: string;
  why: string;
}

function requireLb(app: App, url: string, { did, what, variable, machine, why }: Told): void {
  const { url: expected, port } = app.stack.entrance('api');
  const said = URL.canParse(url) ? new URL(url) : undefined;
  const leadsTo = (name: string): boolean => [app.stack.wireOfPeople(name), ...app.stack.wiresTo(name)].some((wire) => String(wire.port) === said?.port);
  const owner = apiMachines(app).find(leadsTo);
  requireThat(said?.port === String(port), {
    did,
    saw: `${what}: ${url || 'nothing'}${owner === undefined ? '' : `, which is ${owner}`}`,
    expected: `${what}: ${expected}…, which is lb (${variable} is lb.publicUrl)`,
    why,
    machine,
    place: 'stack.ts',
  });
}

/**
 * Judges what the wires carried: the word of a machine about itself counts for nothing here.
 * @param more what decides where chance may have had a part in the first
 */
async function isShared(app: App, why: string, come: () => Promise<string>, more?: () => Promise<string>): Promise<void> {
  const names = apiMachines(app);
  const least = leastOfItsPart / names.length;
  const before = trafficFromLb(app);
  const sharesNow = (): { name: string; share: number }[] => {
    const after = trafficFromLb(app);
    const answered = names.map((name) => ({ name, bytes: (after.get(name) ?? 0) - (before.get(name) ?? 0) }));
    const total = answered.reduce((sum, { bytes }) => sum + bytes, 0);
    return answered.map(({ name, bytes }) => ({ name, share: total === 0 ? 0 : bytes / total }));
  };
  const areFair = (): boolean => sharesNow().every(({ share }) => share >= least);

  let did = await come();
  if (more && !areFair()) did = await more();
  const shares = sharesNow();
  const isNothing = shares.every(({ share }) => share === 0);
  requireThat(areFair(), {
    did,
    saw: isNothing
      ? 'nothing on the wires from lb to the API machines: lb answered by itself'
      : `answered, by what the wires from lb carried: ${shares.map(({ name, share }) => `${name} ${Math.round(share * 100)} %`).join(', ')}`,
    expected: `at least ${Math.round(least * 100)} % from each machine`,
    why,
    machine: 'lb',
  });
}
