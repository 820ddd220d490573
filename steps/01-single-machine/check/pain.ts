import { distinct, machinesWith, pain, picture, pictures, until, type App, type FeedPage } from 'checker/check';

/** The power goes in the middle of two uploads. What do people see then, and afterwards? */
export default pain(async ({ description, start, tell }) => {
  if (machinesWith(description, 'postgres').length === 0) {
    tell('server hosts no database yet, so the app has nothing to lose. Solve 1.1 and 1.2, then come back.');
    return;
  }
  const app = await start();
  tell('server runs: one machine, with the app, the database and the images.');
  const ada = await app.member('ada');
  const first = await ada.uploads(pictures.jpeg, { caption: 'Before the power cut' });
  if (!first.ok) {
    tell(`Ada posts a photo: ${String(first)}. There is nothing to lose yet. Solve 1.2, then come back.`);
    return;
  }
  tell('Ada posts a photo. Everybody sees it.');

  const slow = await ada.beginsUpload(picture('larger.jpg'), { caption: 'Half sent' });
  await slow.sendUpTo(0.5);
  tell('She posts a larger one; half of it has arrived.');
  await app.database().holdCommits();
  const other = ada.uploads(distinct(pictures.png, 'in flight'), { caption: 'Stored in this very moment' });
  await Promise.race([other, until('the row to be written', async () => (await app.database().heldCommits()) > 0, { timeoutMs: 3_000 }).catch(() => undefined)]);
  tell('And a third: its row is in the database, and the app is about to hear of it.');

  const killedAt = performance.now();
  await app.machine('server').kill();
  tell('The power goes. Everything on server is dead.');
  tell(`Grace opens the page: ${String(await app.visitor('grace').opens('/'))}`);
  tell(`Linus logs in: ${String(await app.visitor('linus').logsIn())}`);
  await app.machine('server').start();
  await app.untilReady();
  tell(`The power is back, and server with it. For ${((performance.now() - killedAt) / 1000).toFixed(1)} s there was no Graminsta for anybody.`);
  await lookAround(app, tell);
});

async function lookAround(app: App, tell: (what: string) => void): Promise<void> {
  const visitor = app.visitor('grace');
  const { photos } = (await visitor.feed()).json as FeedPage;
  for (const { caption, imageUrl } of photos) {
    const image = await visitor.image(imageUrl);
    tell(`Grace opens the feed: "${caption}" ${image.ok ? `with its image, ${image.body.length} bytes` : `with a broken image: ${String(image)}`}`);
  }
  const me = await visitor.me();
  tell(`Whoever was logged in asks who they are: ${String(me)}. The sessions were in the memory of the process.`);
}
