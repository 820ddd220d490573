import { distinct, exercise, hasFailed, outcomes, photoIn, pictures, requireThat, together, type App, type CrowdRequest, type User } from 'checker/check';
import { apiMachines, timelineOfApis, untilAllServe, untilInRotation, untilReadyItself } from './behind.ts';

const backMs = 5_000;

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
  const killed: string[] = [];
  let lost: string | undefined;
  for (const machine of machines) {
    await readers.for(250);
    readers.mark(`${machine} restarted`);
    if ((await app.machine(machine).restart()).length > 0) killed.push(machine);
    await untilReadyItself(app, machine, `${machine} was restarted`);
    if ((await untilInRotation(app.visitor(), machine, backMs)) === undefined) lost = machine;
    if (lost !== undefined) break;
  }
  await readers.for(250);
  const records = await Promise.all([readers.leaves(), likers.leaves(), posters.leaves()]);
  const timeline = timelineOfApis(app, ...records);

  requireThat(killed.length === 0, {
    kind: 'did not survive',
    did: `${killed.join(' and ')} got SIGTERM`,
    saw: 'the program still ran after 10 s, and had to be killed',
    expected: 'a program that ends by itself within 10 s',
    why: 'A deploy waits for so long and no longer. Who is still served then is cut off.',
    machine: killed[0],
    timeline,
  });
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
    did: `${lost ?? ''} was restarted, and said 200 at /readyz`,
    saw: `no request was sent to it within ${backMs / 1_000} s`,
    expected: `requests within ${backMs / 1_000} s`,
    why: 'When each machine that was deployed stays out, the last one serves alone.',
    machine: 'lb',
    timeline,
  });
}

function isDropped(request: CrowdRequest): boolean {
  return hasFailed(request) || request.status >= 400;
}
