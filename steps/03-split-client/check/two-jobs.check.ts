import { clip, exercise, photoIn, pictures, requireProblem, requireStatus, requireThat, type Answer, type App, type User } from 'checker/check';

const forPrograms = 'Whoever calls the API is a program: it reads problem details, and cannot do anything with a page.';

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  await clientServesThePage(app, ada);
  await apiAnswersPrograms(app);
  await imagesHaveWholeAddresses(app, ada);
  await evenWhenItIsBroken(app, ada);
  const wires = app.stack.wiresBetween('client', 'db');
  requireThat(wires.length === 0, {
    kind: 'wrong stack',
    did: 'The stack was started',
    saw: 'a wire from client to db: client is told the address of the database',
    expected: 'a client that knows of no database',
    why: 'What serves a page to everybody is the first thing that is attacked. What it does not know it cannot give away.',
    machine: 'client',
    place: 'stack.ts',
  });
});

/** The page, its configuration, and that the configuration is true. */
async function clientServesThePage(app: App, ada: User): Promise<void> {
  const browser = app.visitor('visitor', 'client');
  const page = await browser.opens('/');
  const did = 'A browser opened / at the entrance web';
  requireStatus(page, 200, { did, why: 'The page is what most people know of Graminsta.' });
  requireThat(typeOf(page) === 'text/html', {
    did,
    saw: `${page.call} → 200 as ${typeOf(page)}`,
    expected: 'a page, as text/html',
    why: 'A browser shows what it is told to be HTML.',
    machine: 'client',
  });

  const configuration = await browser.client.send({ url: '/config.json' });
  const asked = 'The page asked for /config.json at the entrance web';
  const why = "The page's files know no address. This is where they learn it.";
  const configured = '{"apiUrl": "…"}, the public address of api';
  requireStatus(configuration, 200, { did: asked, expected: `status 200 with ${configured}`, why });
  const { apiUrl } = (configuration.json ?? {}) as { apiUrl?: unknown };
  requireThat(typeof apiUrl === 'string' && URL.canParse(apiUrl), {
    did: asked,
    saw: clip(configuration.body.toString('utf8')) || 'an empty answer',
    expected: configured,
    why,
    machine: 'client',
  });
  const expected = app.stack.entrance('api').url;
  const owner = machineAt(app, apiUrl);
  requireThat(new URL(apiUrl).origin === expected, {
    did: asked,
    saw: `${apiUrl}${owner === undefined ? '' : `, at which only machines reach ${owner}`}`,
    expected: `${expected}, where people reach api`,
    why:
      owner === undefined
        ? 'Where the API is differs from place to place, and each time that the stack is started. Only stack.ts knows.'
        : 'Pages run on the computers of people. They need the address at which people reach the API, and not the one that machines use among themselves.',
    machine: 'client',
  });
  const feed = await ada.client.send({ url: new URL('/api/photos', apiUrl).href });
  requireStatus(feed, 200, { did: `The page called the API at the address that it was told, ${apiUrl}`, why });
}

/** Whatever is asked: no HTML. */
async function apiAnswersPrograms(app: App): Promise<void> {
  const visitor = app.visitor();
  const asked: [method: string, url: string, status: number | undefined][] = [
    ['GET', '/', undefined],
    ['GET', '/index.html', undefined],
    ['GET', '/app.js', undefined],
    ['GET', '/nothing', 404],
    ['GET', '/api/nothing', 404],
    ['GET', '/api/photos/999999999', 404],
    ['GET', '/images/nothing.png', 404],
    ['GET', '/api/me', 401],
    ['GET', '/api/%', undefined],
  ];
  for (const [method, url, status] of asked) {
    const answer = await visitor.client.send({ method, url, headers: { accept: 'text/html' } });
    const did = `A browser opened ${url} at the entrance api`;
    requireNoHtml(answer, did);
    if (status !== undefined) requireProblem(answer, status, { did, why: forPrograms });
  }
  const broken = await visitor.client.send({ method: 'POST', url: '/api/users', headers: { 'content-type': 'application/json' }, body: '{' });
  requireProblem(broken, 400, { did: 'Somebody signed up with JSON that ends after {', why: forPrograms });
}

async function imagesHaveWholeAddresses(app: App, ada: User): Promise<void> {
  const did = 'Ada posted a photo';
  const { imageUrl } = photoIn(await ada.uploads(pictures.png), 201, { did, why: 'There has to be something to look at.' });
  const why = 'A relative address means the machine that the page came from, and a phone has no page. The images are where the API is.';
  requireThat(URL.canParse(imageUrl), { did, saw: `imageUrl: ${clip(imageUrl)}`, expected: 'a whole address, http://…', why, machine: 'api' });
  const addresses = [...app.stack.machines.keys()].flatMap((name) => publicUrlOf(app, name) ?? []);
  requireThat(addresses.includes(new URL(imageUrl).origin), {
    did,
    saw: `imageUrl: ${clip(imageUrl)}, which is no address at which people reach a machine`,
    expected: `an address that begins with ${app.stack.entrance('api').url}`,
    why: 'A machine has one address for the machines beside it and another for people. What is given to people has to be the second.',
    machine: 'api',
  });
  const image = await app.visitor().image(imageUrl);
  const loaded = `${did}, and somebody loaded the image from ${imageUrl}`;
  const lost = 'An address that leads to something else is a broken picture on every page and phone. The images are where the API is.';
  requireStatus(image, 200, { did: loaded, expected: 'its bytes', why: lost });
  requireThat(image.body.equals(pictures.png.bytes), {
    did: loaded,
    saw: `${image.body.length} bytes of ${typeOf(image)}`,
    expected: `the ${pictures.png.bytes.length} bytes that she posted`,
    why: lost,
    machine: 'api',
  });
}

/** What no app expects: its tables are there no more. */
async function evenWhenItIsBroken(app: App, ada: User): Promise<void> {
  await app.database().hideTables();
  const failing = await ada.client.send({ url: '/api/photos', headers: { accept: 'text/html' } });
  const did = 'The tables of the app were renamed, which is a fault inside it, and somebody asked for the feed';
  requireNoHtml(failing, did);
  requireThat(failing.status >= 500, { did, saw: failing.toString(), expected: 'status 500', why: 'What is broken in the app is no mistake of the caller.', machine: 'api' });
  requireProblem(failing, failing.status, { did, why: forPrograms });
}

function requireNoHtml(answer: Answer, did: string): void {
  const isHtml = typeOf(answer) === 'text/html' || /^\s*<(!doctype|html)/i.test(answer.body.toString('utf8', 0, 200));
  requireThat(answer.silence === undefined, { kind: 'no answer', did, saw: answer.toString(), expected: 'an answer that is no HTML', why: forPrograms, machine: 'api' });
  requireThat(!isHtml, {
    did,
    saw: `${answer.call} → ${answer.status} as ${typeOf(answer)}: ${clip(answer.body.toString('utf8'), 80)}`,
    expected: 'an answer that is no HTML: an error as application/problem+json',
    why: forPrograms,
    machine: 'api',
  });
}

/** Where people reach a machine; nothing for one that they cannot reach. */
function publicUrlOf(app: App, machine: string): string | undefined {
  try {
    return `http://127.0.0.1:${app.stack.wireOfPeople(machine).port}`;
  } catch {
    return undefined;
  }
}

/** The machine that an address leads other machines to. */
function machineAt(app: App, address: string): string | undefined {
  const { port } = new URL(address);
  return [...app.stack.machines.keys()].find((name) => app.stack.wiresTo(name).some((wire) => String(wire.port) === port));
}

function typeOf(answer: Answer): string {
  return answer.headers['content-type']?.split(';')[0]?.trim() ?? 'no type';
}
