import { exercise, feedIn, machinesWith, photoIn, pictures, requireStatus, requireThat, sentences } from 'checker/check';

export default exercise(async ({ description, start }) => {
  const databases = machinesWith(description, 'postgres');
  requireThat(databases.includes('db') && !databases.includes('server'), {
    kind: 'wrong stack',
    did: 'stack.ts was read',
    saw: databases.length === 0 ? 'no machine hosts a database' : `a database on ${databases.join(' and on ')}`,
    expected: 'a Postgres on machine "db", and none on "server"',
    why: 'A database beside the app shares its memory, its processor and its end.',
    place: 'stack.ts',
  });

  const others = description.machines.find(({ name }) => name === 'db')?.services.filter(({ kind }) => kind !== 'postgres') ?? [];
  requireThat(others.length === 0, {
    kind: 'wrong stack',
    did: 'stack.ts was read',
    saw: `machine "db" also runs ${others.map((service) => ('entry' in service ? service.entry : service.kind)).join(' and ')}`,
    expected: 'a machine "db" with the database and nothing else',
    why: 'What runs beside the database can take it down, and has its data at hand.',
    place: 'stack.ts',
  });

  const app = await start();
  const ada = await app.member('ada');
  const { id } = photoIn(await ada.uploads(pictures.jpeg, { caption: 'From before' }), 201, { did: 'Ada posted a photo', why: 'There has to be something to lose.' });

  await app.machine('server').kill();
  const db = app.database('db');
  const tables = await db.tables();
  const unexpected = databases.filter((name) => name !== 'db');
  requireThat(await db.holds('From before'), {
    kind: 'did not survive',
    did: 'Ada posted a photo with the caption "From before", server was killed, and somebody asked the database on db for it',
    saw: sentences(
      tables.length === 0 ? 'a database without tables' : `a database with ${tables.length} tables, and the caption in none of them`,
      unexpected.length > 0 ? `stack.ts has another database, on ${unexpected.join(' and on ')}` : undefined,
    ),
    expected: 'the row of the photo, with its caption',
    why: 'What the app stores has to be on the machine that stays.',
    machine: 'db',
  });

  const did = 'server and its disk were lost, a new server took its place';
  await app.machine('server').replace();
  await app.untilReady({ did });
  const { photos } = feedIn(await app.visitor().feed(), { did: `${did}, and somebody opened the feed`, why: 'A new machine for the app must not begin with nothing.' });
  const isThere = photos.some((photo) => photo.id === id && photo.caption === 'From before' && photo.username === 'ada');
  requireThat(isThere, {
    kind: 'did not survive',
    did: `${did}, and somebody opened the feed`,
    saw: sentences(
      photos.length === 0 ? 'an empty feed' : `a feed without Ada's photo`,
      (await db.holds('From before')) ? 'the database on db has the photo' : 'the database on db had the photo before the new server started, and has it no more',
    ),
    expected: "Ada's photo, with its caption and her name",
    why: 'A new machine for the app must not begin with nothing.',
    machine: 'server',
  });
  ada.client.forgetSession();
  const back = await ada.logsIn();
  requireStatus(back, [200, 201], {
    also: back.ok ? undefined : `the database on db ${(await db.holds('ada')) ? 'has' : 'does not have'} her name`,
    did: `${did}, and Ada logged in`,
    why: 'Accounts belong in the database, with all that a log-in needs. What is in the memory or on the disk of server is lost with it.',
  });
});
