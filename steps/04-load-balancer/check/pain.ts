import { hasFailed, msOf, outcomes, pain, percentile, photoIn, pictures, resizeMachine, timelineOf, type Answer, type App, type CrowdRecord, type StackDescription, type User } from 'checker/check';

const people = 60;
/** The feed, and the three pictures in it. */
const requestsEach = 4;
/** Share of a processor that each machine of the API gets. */
const small = 0.1;

/** Sixty people on one small machine; then it dies. */
export default pain(async ({ description, start, tell, show }) => {
  const machines = apisOf(description);
  const app = await start({ rearrange: (stack) => machines.reduce((resized, name) => resizeMachine(resized, name, small), stack), unready: true });
  await app.untilReady({ timeoutMs: 30_000 });
  for (const name of machines) if (machines.length > 1) await app.untilReady({ machine: name, timeoutMs: 30_000 });
  tell(`${machines.join(', ')} ${machines.length === 1 ? 'runs, a small machine' : 'run, small machines'}: a tenth of a processor${machines.length === 1 ? '' : ' each'}.`);

  const ada = await app.member('ada');
  const images: string[] = [];
  for (let number = 1; number < requestsEach; number += 1) {
    const posted = photoIn(await ada.uploads(pictures.png, { caption: `Photo ${number}` }), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
    images.push(posted.imageUrl);
  }
  const look = (who: User, index: number): Promise<Answer> => {
    const image = images[(index % requestsEach) - 1];
    return image === undefined ? who.feed() : who.image(image);
  };

  const calm = await crowd(app, 5, 2_000, look);
  tell(`Early in the morning, five people a second look at the feed and its three pictures. One request of a hundred takes longer than ${seconds(p99(calm))}.`);
  const noon = await crowd(app, people, 4_000, look);
  show(`It is noon: ${people} people a second.`, timelineOf(noon, { machines }));
  tell(`${outcomes(noon.requests)}. Half of them take longer than ${seconds(percentile(noon.requests.map(msOf), 50))}, one of a hundred longer than ${seconds(p99(noon))}.`);

  const [victim = ''] = machines;
  const readers = app.crowd({ perSecond: 15, people: visitors(app), does: (who) => who.feed() });
  await readers.for(1_000);
  readers.mark(`${victim} killed`);
  await app.machine(victim).kill();
  await readers.for(2_000);
  const after = await readers.leaves();
  show(`Then ${victim} dies.`, timelineOf(after, { machines }));
  const failed = after.requests.filter(hasFailed);
  tell(
    failed.length === 0
      ? 'Nobody notices: the others serve.'
      : `${failed.length} of ${after.requests.length} requests failed. ${machines.length === 1 ? 'It was the only one: there is no Graminsta for anybody.' : 'There were others that could have served them.'}`,
  );
});

function apisOf({ machines }: StackDescription): string[] {
  return machines.map(({ name }) => name).filter((name) => /^api(-\d+)?$/.test(name));
}

async function crowd(app: App, peopleASecond: number, forMs: number, does: (who: User, index: number) => Promise<Answer>): Promise<CrowdRecord> {
  const readers = app.crowd({ perSecond: peopleASecond * requestsEach, people: visitors(app), does });
  await readers.for(forMs);
  return readers.leaves();
}

function visitors(app: App): User[] {
  return Array.from({ length: 12 }, () => app.visitor());
}

function p99(record: CrowdRecord): number {
  return percentile(record.requests.map(msOf), 99);
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
