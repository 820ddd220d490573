import { exercise, photoIn, pictures, requireThat, substituteMachine } from 'checker/check';

// Only Linux has more than one address of its own.
const host = process.platform === 'linux' ? '127.0.2.1' : '127.0.0.1';
const user = 'archivist';
const password = 'p@ss/word:?#';
const database = 'gallery';

export default exercise(async ({ start }) => {
  const app = await start({
    unready: true,
    hosts: { vault: host },
    rearrange: (stack) =>
      substituteMachine(stack, 'db', {
        name: 'vault',
        region: 'us',
        services: [{ kind: 'postgres', name: 'postgres', user, password, database }],
      }),
  });
  const ports = app.stack.wiresTo('vault').map(({ port }) => `port ${port}, `).join('');
  const did = `The machine db was replaced by another one: host ${host}, ${ports}user ${user}, password ${password}, database ${database}`;
  await app.untilReady({ did, why: 'Whatever of the old address is written somewhere, in the code, in the schema or in stack.ts, leads nowhere now.' });

  const caption = 'Stored in the gallery';
  const ada = await app.member('ada');
  photoIn(await ada.uploads(pictures.png, { caption }), 201, { did: `${did}, and Ada posted a photo`, why: 'The app has to work wherever its database is.' });
  const vault = app.database('vault');
  requireThat((await vault.holds(caption)) && (await vault.holds('ada')), {
    did: `${did}, and Ada signed up and posted a photo`,
    saw: 'neither her nor her photo in the new database',
    expected: 'the rows in the database that stack.ts refers to',
    why: 'A database moves, and its password changes. Nobody should have to change the code for it.',
    machine: 'server',
  });
});
