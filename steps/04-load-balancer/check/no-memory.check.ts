import { exercise, feedIn, photoIn, pictures, requireStatus, requireThat, type App, type Photo } from 'checker/check';
import { apiMachines, untilReadyItself } from './behind.ts';

export default exercise(async ({ start }) => {
  const app = await start();
  for (const machine of apiMachines(app)) await untilReadyItself(app, machine, `${machine} was started`);
  await tokensWorkEverywhere(app);
  await loggingOutWorksEverywhere(app);
  const photo = await photosAreEverywhere(app);
  await theyOutliveTheirMachine(app, photo);
});

const why = 'The balancer sends each request to another machine. What one of them remembers, the next has never heard of.';

async function tokensWorkEverywhere(app: App): Promise<void> {
  for (const home of apiMachines(app)) {
    const ada = app.visitor(`ada.${home}`, home);
    requireStatus(await ada.signsUp(), 201, { did: `Ada signed up at ${home}`, why });
    for (const machine of apiMachines(app)) {
      const there = app.visitor(ada.username, machine);
      there.client.resume(ada.client);
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
  const everywhere = machines.map((machine) => {
    const there = app.visitor('bob', machine);
    there.client.resume(bob.client);
    return { machine, there };
  });
  // Each machine has seen the token: a memory of its own would have it now.
  for (const { machine, there } of everywhere) requireStatus(await there.me(), 200, { did: `Bob signed up at ${first}, and sent his token to ${machine}`, why });
  const leaving = app.visitor('bob', second);
  leaving.client.resume(bob.client);
  requireStatus(await leaving.logsOut(), 204, { did: `Bob logged out at ${second}`, why });
  for (const { machine, there } of everywhere) {
    requireStatus(await there.me(), 401, {
      did: `Bob logged out at ${second}; then his token was sent to ${machine}`,
      why: 'A token that is dead on one machine and alive on another lets in whoever stole it, two times out of three.',
    });
  }
}

async function photosAreEverywhere(app: App): Promise<Photo> {
  const [first = ''] = apiMachines(app);
  const eve = app.visitor('eve', first);
  requireStatus(await eve.signsUp(), 201, { did: `Eve signed up at ${first}`, why });
  const photo = photoIn(await eve.uploads(pictures.jpeg, { caption: 'Through one machine' }), 201, { did: `Eve posted a photo at ${first}`, why });
  for (const machine of apiMachines(app)) await requireShown(app, photo, machine, `Eve posted a photo at ${first}`);
  return photo;
}

async function theyOutliveTheirMachine(app: App, photo: Photo): Promise<void> {
  const [first = '', ...others] = apiMachines(app);
  await app.machine(first).replace();
  const did = `Eve posted a photo at ${first}; then ${first} and its disk were lost`;
  for (const machine of others) await requireShown(app, photo, machine, did);
  await untilReadyItself(app, first, `${did}, and a new ${first} took its place`);
  await requireShown(app, photo, first, `${did}, and a new ${first} took its place`);
}

/** The photo is in the feed of a machine, and its image comes from there with every byte. */
async function requireShown(app: App, { id, imageUrl }: Photo, machine: string, did: string): Promise<void> {
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
  requireThat(image.body.equals(pictures.jpeg.bytes), {
    did: asked,
    saw: `${image.body.length} bytes that are not those of the photo`,
    expected: `its ${pictures.jpeg.bytes.length} bytes`,
    why,
    machine,
  });
}
