import { distinct, exercise, NotRun, percentile, pictures, requireStatus, requireThat, type Answer, type App, type StackDescription, type User } from 'checker/check';
import { edges, machineBehind, neighbourOf, regionOf } from './edges.ts';
import { uploaded } from './uploading.ts';

const rounds = 5;
/** A cached image takes less than this part of what it takes from storage. */
const share = 0.25;
/** Much more than everything else that a wire carries for one answer. */
const imageBytes = 60_000;
const far = 'edge-ap';

export default exercise(async ({ description, start, timed }) => {
  requirePlaces(description);
  const app = await start();
  const ada = await app.member('ada');
  const images = await Promise.all(['one', 'two', 'three'].map(async (mark) => (await uploaded(ada, distinct(pictures.png, mark.padEnd(imageBytes, '.')), mark)).imageUrl));
  const [first = '', second = '', third = ''] = images;
  everybodysOwnEdge(app, images);
  await timed(() => nearIsQuick(app, first));
  await sharedByNeighbours(app, second);
  await eachForItself(app, third);
});

const where: Readonly<Record<string, string>> = { 'edge-us': 'us', 'edge-eu': 'eu', 'edge-ap': 'ap' };

/** An edge in another region than its people is one more machine on the way, and no help. */
function requirePlaces(description: StackDescription): void {
  for (const { name } of description.machines) {
    const region = regionOf(description, name);
    const wanted = where[name] ?? 'us';
    requireThat(region === wanted, {
      kind: 'wrong stack',
      did: `stack.ts describes the machine ${name}`,
      saw: `region: ${region}`,
      expected: name in where ? `machine('${name}', { region: '${wanted}' })` : 'the region us, which is that of every machine but the edges',
      why: name in where ? 'An edge is near to those whose region it is in.' : 'There is one origin, and edges stand between it and everybody who is far away.',
      machine: name,
    });
  }
}

/** The same imageUrl leads each to the edge of their own region. */
function everybodysOwnEdge(app: App, images: readonly string[]): void {
  for (const imageUrl of images) {
    for (const edge of edges) {
      const machine = machineBehind(app, imageUrl, edge);
      requireThat(machine === edge, {
        did: `Ada posted a photo, and somebody opened it on the page of ${edge}`,
        saw: `imageUrl: "${imageUrl.slice(0, 120)}", which leads to ${machine ?? 'no machine of this stack'}`,
        expected: `an address that leads to ${edge} there, as "/images/…", which is relative to the page`,
        why: 'One address for everybody is far away for most of them.',
      });
    }
  }
}

async function nearIsQuick(app: App, image: string): Promise<void> {
  const kim = app.visitorIn('ap', 'kim');
  const atStorage = app.visitorIn('ap', 'lee', 'storage');
  for (const [what, path] of [['an image', image], ['the page', '/']] as const) {
    // Each once before: storage may have to read it from its disk, and connections have to be made.
    await asks(atStorage, path, `Lee in ap asked storage itself for ${what}`);
    await asks(kim, path, `Kim in ap asked for ${what}`, true);
    const direct: Answer[] = [];
    const near: Answer[] = [];
    for (let round = 0; round < rounds; round += 1) {
      near.push(await asks(kim, path, `Kim in ap asked for ${what} again`, true));
      direct.push(await asks(atStorage, path, `Lee in ap asked storage itself for ${what} again`));
    }
    const [nearMs, directMs] = [medianMs(near), medianMs(direct)];
    if (directMs < 100) throw new NotRun('From ap to storage it took less than the distance.', 'Run it again.');
    requireThat(nearMs < directMs * share, {
      kind: 'too slow',
      did: `Kim in ap loaded ${what} ${rounds + 1} times by ${app.stack.entranceMachine('web', 'ap')}, and Lee in ap from storage`,
      saw: `${Math.round(nearMs)} ms by the edge, and ${Math.round(directMs)} ms from storage (half of the times were shorter)`,
      expected: `less than ${Math.round(directMs * share)} ms by the edge, a quarter of the other`,
      why: 'What an edge has kept does not cross the ocean again. That is what it is for.',
      machine: far,
    });
  }
}

/** What one person has loaded is there for others in the region. */
async function sharedByNeighbours(app: App, image: string): Promise<void> {
  const [kim, lee] = [app.visitorIn('ap', 'kim'), app.visitorIn('ap', 'lee')];
  await asks(kim, image, 'Kim in ap opened a photo', true);
  const before = answeredTo(app, far);
  await asks(lee, image, 'Lee in ap opened the same photo', true);
  const bytes = answeredTo(app, far) - before;
  requireThat(bytes < imageBytes / 2, {
    did: 'Kim in ap opened a photo, and then Lee in ap opened the same',
    saw: `storage sent ${Math.round(bytes / 1_000)} KB to ${far} for Lee`,
    expected: 'nothing of the image: it was there',
    why: 'A cache at each person already exists, in their browser. An edge keeps for everybody who is near it.',
    machine: far,
  });
}

/** An edge has what its own people have asked for, and gets it from storage. */
async function eachForItself(app: App, image: string): Promise<void> {
  const visited: string[] = [];
  for (const edge of [far, 'edge-eu', 'edge-us']) {
    const before = answeredTo(app, edge);
    await asks(neighbourOf(app, edge), image, `Somebody in ${where[edge] ?? ''} opened a photo that nobody there had asked for`, true);
    const bytes = answeredTo(app, edge) - before;
    requireThat(bytes > imageBytes * 0.9, {
      did: `${visited.length > 0 ? `People at ${visited.join(' and ')} had opened a photo; then` : 'A photo was posted, and'} somebody in ${where[edge] ?? ''} opened it`,
      saw: `the wire from ${edge} to storage carried ${Math.round(bytes / 1_000)} KB`,
      expected: `the image, of ${imageBytes / 1_000} KB: ${edge} asks storage for what it does not have`,
      why: 'An edge that asks another edge, or is another edge, fails with it, and is far away from its own people.',
      machine: edge,
    });
    visited.push(edge);
  }
}

/** What storage has sent to a machine so far, in bytes. */
function answeredTo(app: App, edge: string): number {
  return app.stack.wiresBetween(edge, 'storage').reduce((sum, wire) => sum + wire.seen().answeredBytes, 0);
}

async function asks(who: User, path: string, did: string, onPage = false): Promise<Answer> {
  const answer = await (onPage ? who.image(path) : who.client.send({ url: path, asStranger: true }));
  requireStatus(answer, 200, { did, why: 'What is there is there for everybody, wherever they are.' });
  return answer;
}

function medianMs(answers: readonly Answer[]): number {
  return percentile(answers.map(({ ms }) => ms), 50);
}
