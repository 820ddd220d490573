import { exercise, photoIn, pictures, requireThat, type Answer, type App, type User } from 'checker/check';
import { apiMachines, trafficFromLb } from './behind.ts';

const crowd = 600;
const atATime = 30;
const leastShare = 0.15;

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  for (const caption of ['One', 'Two', 'Three']) photoIn(await ada.uploads(pictures.png, { caption }), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });

  const visitors = Array.from({ length: atATime }, () => app.visitor());
  await shared(app, `${crowd} requests came, ${atATime} at a time`, 'Three machines serve three times as many people only when each gets its part.', async () => {
    await Promise.all(visitors.map((visitor) => inTurn(visitor, crowd / atATime)));
  });
  await shared(
    app,
    '60 requests came one after the other, on one connection',
    'A browser keeps one connection open for all that it asks. The balancer has to choose for each request, or one busy neighbour keeps one machine busy.',
    () => inTurn(app.visitor(), 60),
  );
});

async function inTurn(visitor: User, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const answer = await visitor.feed();
    requireFeed(answer);
  }
}

function requireFeed(answer: Answer): void {
  requireThat(answer.status === 200, {
    kind: answer.silence ? 'no answer' : 'wrong answer',
    did: 'Somebody opened the feed at the entrance api',
    saw: answer.toString(),
    expected: 'GET /api/photos → 200',
    why: 'All machines are well, so no request has a reason to fail.',
    machine: answer.machine ?? 'lb',
  });
}

/** Judges what the wires carried: the word of a machine about itself counts for nothing here. */
async function shared(app: App, did: string, why: string, comes: () => Promise<void>): Promise<void> {
  const before = trafficFromLb(app);
  await comes();
  const after = trafficFromLb(app);
  const answered = apiMachines(app).map((name) => ({ name, bytes: (after.get(name) ?? 0) - (before.get(name) ?? 0) }));
  const total = answered.reduce((sum, { bytes }) => sum + bytes, 0);
  const known = new Set(app.stack.description.machines.filter(({ name }) => app.stack.wiresBetween('lb', name).length > 0).map(({ name }) => name));
  const unknown = apiMachines(app).filter((name) => !known.has(name));
  requireThat(unknown.length === 0, {
    kind: 'wrong stack',
    did: 'The stack was started',
    saw: `no wire from lb to ${unknown.join(', nor to ')}: lb is not told where it is`,
    expected: 'a balancer that knows every API machine',
    why,
    machine: 'lb',
    place: 'stack.ts',
  });
  const shares = answered.map(({ name, bytes }) => `${name} ${total === 0 ? 0 : Math.round((bytes / total) * 100)} %`).join(', ');
  requireThat(total > 0 && answered.every(({ bytes }) => bytes / total >= leastShare), {
    did,
    saw: total === 0 ? 'nothing on the wires from lb to the API machines' : `answered, by what the wires from lb carried: ${shares}`,
    expected: `at least ${leastShare * 100} % from each machine`,
    why,
    machine: 'lb',
  });
}
