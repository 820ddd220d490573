import { distinct, feedIn, pain, photoIn, picture, requireStatus, type Answer, type App, type StackDescription, type User } from 'checker/check';
import { loadPage } from './page.ts';

const photos = 12;
/** To one machine, as browsers do it. */
const connections = 6;

/** Somebody far away opens the page, and twelve photos come to them one ocean later. */
export default pain(async ({ start, tell }) => {
  const app = await start({ rearrange: withPeopleInAp, unready: true });
  await app.untilReady({ timeoutMs: 30_000 });
  const ada = await app.member('ada');
  for (let number = 1; number <= photos; number += 1) {
    photoIn(await ada.uploads(distinct(picture('larger.jpg'), `Photo ${number}`), { caption: `Photo ${number}` }), 201, { did: 'Ada posted a photo', why: 'There has to be something to look at.' });
  }
  const web = app.stack.entranceMachine('web', 'ap');
  tell(`Ada, near the machines, has posted ${photos} photos of ${Math.round(picture('larger.jpg').bytes.length / 1_000)} KB. Kim lives in ap: to the machines in us and back it takes 160 ms. Kim's browser loads the page from ${web}.`);

  const kim = await visit(app, 'kim');
  tell(`Kim opened the page. The feed was there after ${seconds(kim.feedMs)}, the last of ${photos} pictures after ${seconds(kim.lastMs)}.`);
  const again = await visit(app, 'kim');
  tell(`Kim opened it again: ${seconds(again.lastMs)} until the last picture.`);
  const lee = await visit(app, 'lee');
  tell(`Lee, who lives next door, opened it for the first time: ${seconds(lee.lastMs)}.`);

  const api = app.stack.entranceMachine('api', 'ap');
  const [images, all] = [kim, again, lee].reduce(([sum, total], { imageBytes, apiBytes }) => [sum + imageBytes, total + apiBytes], [0, 0] as [number, number]);
  tell(
    images === 0
      ? `${api} sent them ${Math.round(all / 1_000)} KB, and no picture among it: the pictures are somebody else's work.`
      : `${api} sent them ${(all / 1e6).toFixed(1)} MB. ${Math.floor((100 * images) / all)} % of that are pictures, the same ones each time; and each went through the API, which only reads them and passes them on.`,
  );
});

interface Visit {
  /** From the first request until the feed was there. */
  feedMs: number;
  /** Until the last picture was. */
  lastMs: number;
  /** Of pictures, from the API's entrance. */
  imageBytes: number;
  /** Of everything, from there. */
  apiBytes: number;
}

/** What a browser does with an empty cache of its own, or with one that it was not told to use. */
async function visit(app: App, name: string): Promise<Visit> {
  const { stack } = app;
  const who: User = app.visitorIn('ap', name);
  who.client.allowConnections(connections);
  const api = stack.entranceMachine('api', 'ap');
  const before = stack.wireOfPeople(api, 'ap').seen().answeredBytes;
  const startedAt = performance.now();
  const ms = (): number => performance.now() - startedAt;
  const web = stack.publicUrl(stack.entranceMachine('web', 'ap'));
  const told = { did: 'Somebody in ap opened the page', why: 'There is nothing to see otherwise.' };
  requireStatus((await loadPage(who, web)).document, 200, told);
  requireStatus(await who.client.send({ url: new URL('/config.json', web).href, asStranger: true }), 200, told);
  const feed = feedIn(await who.feed({ limit: photos }), told);
  const feedMs = ms();
  const images = await Promise.all(feed.photos.map(async ({ imageUrl }) => ({ imageUrl, answer: await who.image(imageUrl) })));
  const lastMs = ms();
  for (const { answer } of images) requireStatus(answer, 200, told);
  const fromApi = images.filter(({ imageUrl }) => new URL(imageUrl, web).origin === stack.publicUrl(api));
  who.client.close();
  return { feedMs, lastMs, imageBytes: bytesOf(fromApi.map(({ answer }) => answer)), apiBytes: stack.wireOfPeople(api, 'ap').seen().answeredBytes - before };
}

/** Nothing of the start is in ap: a machine on which nothing runs makes it a place that people can be in. */
function withPeopleInAp(stack: StackDescription): StackDescription {
  if (stack.machines.some(({ region }) => region === 'ap')) return stack;
  return { ...stack, machines: [...stack.machines, { name: 'far-away', region: 'ap', services: [] }] };
}

function bytesOf(answers: readonly Answer[]): number {
  return answers.reduce((sum, { body }) => sum + body.length, 0);
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
