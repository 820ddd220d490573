import { machinesWith, pain, pictures, type App, type FeedPage } from 'checker/check';

/** The app's machine is lost, as machines are. Who still has the data? */
export default pain(async ({ description, start, tell }) => {
  const [home = ''] = machinesWith(description, 'postgres');
  const app = await start();
  tell(`${[...app.stack.machines.keys()].join(' and ')} ${app.stack.machines.size > 1 ? 'run' : 'runs'}; the database is on ${home}.`);
  const ada = await app.member('ada');
  await ada.uploads(pictures.jpeg, { caption: 'The first of ten users' });
  tell('Ten people use Graminsta by now. Ada has posted a photo.');

  await app.machine('server').kill();
  tell('The app has a bug that eats all memory, and takes server with it.');
  tell(`psql, from your desk: ${await psql(app, home)}`);

  await app.machine('server').replace();
  await app.untilReady();
  tell('A new server takes its place, with an empty disk.');
  const visitor = app.visitor('grace');
  const { photos } = (await visitor.feed()).json as FeedPage;
  tell(`Grace opens the feed: ${photos.length === 0 ? 'no photos. Everything that ten people did is gone.' : photos.map(({ caption }) => `"${caption}"`).join(', ')}`);
  ada.client.forgetSession();
  tell(`Ada logs in: ${String(await ada.logsIn())}`);
});

/** What somebody sees who looks into the database to find out what happened. */
async function psql(app: App, machine: string): Promise<string> {
  try {
    const tables = await app.database(machine).tables();
    return `the database answers, and has its ${tables.length} tables.`;
  } catch {
    return 'connection refused. The database was on the same machine.';
  }
}
