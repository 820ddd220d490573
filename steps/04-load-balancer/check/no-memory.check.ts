import { distinct, exercise, feedIn, photoIn, pictures, requireStatus, requireThat, type App, type Photo, type Picture, type User } from 'checker/check';
import { answeredOrWaiting, apiMachines, untilReadyItself } from './behind.ts';

export default exercise(async ({ start }) => {
  const app = await start();
  for (const machine of apiMachines(app)) await untilReadyItself(app, machine, `${machine} was started`);
  await tokensWorkEverywhere(app);
  await loggingOutWorksEverywhere(app);
  await strangersStayOut(app);
  const [first = ''] = apiMachines(app);
  const eve = app.visitor('eve', first);
  requireStatus(await eve.signsUp(), 201, { did: `Eve signed up at ${first}`, why });
  const photo = await photosAreEverywhere(app, eve);
  await acknowledgedIsEverywhere(app, eve);
  await bothOutliveTheirMachine(app, eve, photo);
});

const why = 'The balancer sends each request to another machine. What one of them remembers, the next has never heard of.';

async function tokensWorkEverywhere(app: App): Promise<void> {
  for (const home of apiMachines(app)) {
    const ada = app.visitor(`ada.${home}`, home);
    requireStatus(await ada.signsUp(), 201, { did: `Ada signed up at ${home}`, why });
    for (const machine of apiMachines(app)) {
      const there = sameUserAt(app, ada, machine);
      const did = machine === home ? `Ada signed up at ${home}, and asked it who she is` : `Ada signed up at ${home}, and sent her token to ${machine}`;
      requireStatus(await there.me(), 200, { did, why });
    }
  }
}

async function loggingOutWorksEverywhere(app: App): Promise<void> {
  const machines = apiMachines(app);
  const [first = '', second = ''] = machines;
  const bob = app.visitor('bob', first);
  requireStatus(await bob.signsUp(), 201, { did: `Bob signed up at ${first}`, why });
  const everywhere = machines.map((machine) => ({ machine, there: sameUserAt(app, bob, machine) }));
  // Each machine has seen the token: a memory of its own would have it now.
  for (const { machine, there } of everywhere) requireStatus(await there.me(), 200, { did: `Bob signed up at ${first}, and sent his token to ${machine}`, why });
  requireStatus(await sameUserAt(app, bob, second).logsOut(), 204, { did: `Bob logged out at ${second}`, why });
  for (const { machine, there } of everywhere) {
    requireStatus(await there.me(), 401, {
      did: `Bob logged out at ${second}; then his token was sent to ${machine}`,
      why: 'A token that is dead on one machine and alive on another lets in whoever stole it, two times out of three.',
    });
  }
}

/** What asks a database has to be waited for: a check whose answer nobody awaits lets everybody in, and ends the program when it says no. */
async function strangersStayOut(app: App): Promise<void> {
  const noWhy = 'A session that is asked for and not waited for refuses nobody. And a promise that fails without anybody awaiting it ends the program.';
  for (const machine of apiMachines(app)) {
    const stranger = app.visitor('stranger', machine);
    const asked = `Somebody without a token posted a photo at ${machine}`;
    requireStatus(await stranger.uploads(pictures.png), 401, { did: asked, why: noWhy });
    requireStatus(await stranger.likes('1'), 401, { did: `Somebody without a token liked a photo at ${machine}`, why: noWhy });
    requireStatus(await stranger.client.send({ url: '/livez' }), 200, { did: `${asked}; then ${machine} was asked whether it lives`, why: noWhy });
  }
}

async function photosAreEverywhere(app: App, eve: User): Promise<Photo> {
  const [first = ''] = apiMachines(app);
  const photo = photoIn(await eve.uploads(pictures.jpeg, { caption: 'Through one machine' }), 201, { did: `Eve posted a photo at ${first}`, why });
  for (const machine of apiMachines(app)) await requireShown(app, photo, pictures.jpeg, machine, `Eve posted a photo at ${first}`);
  return photo;
}

/** Staged: one table after the other takes nothing new for a while. Who answers 201 then has stored all of the photo without it. */
async function acknowledgedIsEverywhere(app: App, eve: User): Promise<void> {
  const [first = '', second = ''] = apiMachines(app);
  for (const table of await app.database().tables()) {
    const lock = await app.database().lockTables('exclusive', [table]);
    const picture = distinct(pictures.png, table);
    const post = eve.uploads(picture, { caption: `While ${table} was locked` });
    const answer = await answeredOrWaiting(app, post);
    if (answer?.status === 201) {
      const did = `Eve posted a photo at ${first} while the table ${table} took nothing new, and was answered 201`;
      await requireShown(app, photoIn(answer, 201, { did, why }), picture, second, did);
    }
    await lock.release();
    await post;
  }
}

async function bothOutliveTheirMachine(app: App, eve: User, photo: Photo): Promise<void> {
  const [first = '', ...others] = apiMachines(app);
  await app.machine(first).replace();
  const lost = `then ${first} and its disk were lost`;
  const requireBoth = async (machine: string, also = ''): Promise<void> => {
    await requireShown(app, photo, pictures.jpeg, machine, `Eve posted a photo at ${first}; ${lost}${also}`);
    const did = `Eve signed up at ${first}; ${lost}${also}; her token was sent to ${machine}`;
    requireStatus(await sameUserAt(app, eve, machine).me(), 200, { did, why: 'Whoever logged in at a machine stays logged in when that machine is gone.' });
  };
  for (const machine of others) await requireBoth(machine);
  const replaced = `, and a new ${first} took its place`;
  await untilReadyItself(app, first, `The stack was started; ${lost}${replaced}`);
  await requireBoth(first, replaced);
}

/** The same user with the same token, who goes to a machine past lb. */
function sameUserAt(app: App, user: User, machine: string): User {
  const there = app.visitor(user.username, machine);
  there.client.resume(user.client);
  return there;
}

/** The photo is in the feed of a machine, and its image comes from there with every byte. */
async function requireShown(app: App, { id, imageUrl }: Photo, { bytes, type }: Picture, machine: string, did: string): Promise<void> {
  const visitor = app.visitor('visitor', machine);
  const { photos } = feedIn(await visitor.feed(), { did: `${did}, and somebody opened the feed at ${machine}`, why });
  requireThat(photos.some((photo) => photo.id === id), {
    did: `${did}, and somebody opened the feed at ${machine}`,
    saw: 'a feed without it',
    expected: 'the photo',
    why,
    machine,
  });
  // Asked of this machine: which one would answer through lb is chance. An image that is kept elsewhere is asked for there.
  const isBehindLb = URL.canParse(imageUrl) && new URL(imageUrl).origin === app.stack.entrance('api').url;
  const { pathname = '', search = '' } = URL.canParse(imageUrl) ? new URL(imageUrl) : {};
  const image = await visitor.image(isBehindLb ? new URL(pathname + search, `http://127.0.0.1:${app.stack.wireOfPeople(machine).port}`).href : imageUrl);
  const asked = `${did}, and somebody asked ${machine} for its image`;
  requireStatus(image, 200, { did: asked, why: 'An image on the disk of one machine is missing on every other, and lost with it.' });
  requireThat(image.body.equals(bytes), {
    did: asked,
    saw: `${image.body.length} bytes that are not those of the photo`,
    expected: `its ${bytes.length} bytes`,
    why,
    machine,
  });
  const said = image.headers['content-type']?.split(';')[0];
  requireThat(said === type && image.headers['x-content-type-options'] === 'nosniff', {
    did: asked,
    saw: `content-type: ${said ?? 'nothing'}, x-content-type-options: ${image.headers['x-content-type-options'] ?? 'nothing'}`,
    expected: `content-type: ${type}, x-content-type-options: nosniff, as ever`,
    why: 'An image that moves to another place keeps its type. Without it a browser guesses, and a picture may be taken for a page.',
    machine,
  });
}
