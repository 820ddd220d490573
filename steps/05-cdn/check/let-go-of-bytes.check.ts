import { randomBytes } from 'node:crypto';
import { distinct, exercise, feedIn, photoIn, pictures, requireAnswer, requireProblem, requireStatus, requireThat, sentences, until, type Answer, type App, type Photo, type Picture, type User } from 'checker/check';
import { givePhoto, photosFromStep4, type OldPhoto } from './before.ts';
import { edges, isApi, neighbourOf, pathAtEdges } from './edges.ts';
import { forged, lateImage, ranOut } from './forging.ts';
import { oddKeys } from './odd-keys.ts';
import { aPageMayUpload } from './page-uploads.ts';
import { otherBytes, secondPut } from './refusals.ts';
import { unseenAtEdges } from './refusing.ts';
import { oneUploadOnePhoto } from './uploads-and-photos.ts';
import { allowed, posted, stored, uploaded } from './uploading.ts';
import { carriedByApi, mostSince } from './wires.ts';

/** Short, because one permission is to run out; long enough for every other to be used. */
const seconds = 4;
const mebibyte = 1024 * 1024;
const carriedShare = 0.05;

export default exercise(async ({ description, start }) => {
  const apis = description.machines.map(({ name }) => name).filter(isApi);
  // As at the real change from step 4 to this one: the photos are there, and then new programs come.
  const app = await start({ off: apis, variables: { UPLOAD_SECONDS: String(seconds) } });
  const old = await photosFromStep4(app);
  await Promise.all(apis.map((machine) => app.machine(machine).start()));
  await app.untilReady({ did: "The API's machines were started on a database of step 4, with photos in it", why: 'A step begins where the one before it ended.' });

  const [ada, bob] = await Promise.all([app.member('ada'), app.member('bob')]);
  const unused = await allowed(ada, lateImage());
  await bytesGoPastTheApi(app, ada);
  await everyTypeComesBack(app, bob);
  await oldPhotosLoad(app, ada, old);
  await aPageMayUpload(app, ada, seconds);
  await askedForTooMuch(app, ada);
  await forged(app, ada, bob, seconds);
  await otherBytes(app, ada, seconds);
  await secondPut(app, ada, seconds);
  await oddKeys(app, ada);
  await oneUploadOnePhoto(app, ada, bob, seconds);
  await deletedEverywhere(app, ada, bob);
  await oldOnesToo(app, ada, old[0]!);
  await ranOut(app, ada, unused, seconds);
  await unseenAtEdges(app);
});

async function bytesGoPastTheApi(app: App, ada: User): Promise<void> {
  const large: Picture = { ...pictures.png, fileName: 'a PNG of 1 MB', bytes: Buffer.concat([pictures.png.bytes, randomBytes(mebibyte - pictures.png.bytes.length)]) };
  const before = carriedByApi(app);
  const did = `${ada.name} uploaded ${large.fileName}`;
  const photo = await uploaded(ada, large, 'One megabyte', seconds);
  requireLittle(app, before, did, 'uploading');
  const path = pathAtEdges(app, photo, `${did} and posted it`);
  const seen = await Promise.all(edges.map((edge) => neighbourOf(app, edge).client.send({ url: path })));
  for (const [index, edge] of edges.entries()) requireImage(seen[index]!, large, `${did}, and somebody looked at it at ${edge}`);
  requireLittle(app, before, `${did}, and somebody looked at it at each edge`, 'looking');
}

function requireLittle(app: App, before: ReturnType<typeof carriedByApi>, did: string, doing: string): void {
  const { wire, bytes } = mostSince(before, carriedByApi(app));
  requireThat(bytes < mebibyte * carriedShare, {
    did,
    saw: `the wire ${wire} carried ${Math.round(bytes / 1024)} KB meanwhile`,
    expected: `less than ${Math.round((mebibyte * carriedShare) / 1024)} KB on every wire of lb and the API's machines`,
    why: `Each byte of an image that the API carries takes time and memory from all its other requests. ${doing === 'uploading' ? 'It can allow an upload without being its way.' : 'Storage can answer for itself.'}`,
  });
}

/** @throws Failure unless it is the picture, with its type and `nosniff`. */
function requireImage(answer: Awaited<ReturnType<User['image']>>, { bytes, type }: Picture, did: string): void {
  const why = 'A picture is to come back as it was uploaded, and browsers are not to guess what it is.';
  requireAnswer(answer, { did, why });
  const seenType = answer.headers['content-type']?.split(';')[0] ?? 'none';
  const nosniff = answer.headers['x-content-type-options'] ?? 'none';
  const isSame = answer.status === 200 && answer.body.equals(bytes);
  requireThat(isSame && seenType === type && nosniff === 'nosniff', {
    kind: answer.status >= 502 ? 'requests failed' : 'wrong answer',
    did,
    saw: sentences(`${String(answer)}, ${answer.body.length} bytes${answer.ok && !isSame ? ', which are not those that were uploaded' : ''}`, `content-type: ${seenType}`, `x-content-type-options: ${nosniff}`),
    expected: `200 with the ${bytes.length} bytes that were uploaded, content-type: ${type} and x-content-type-options: nosniff`,
    why,
    machine: answer.machine,
  });
}

async function everyTypeComesBack(app: App, bob: User): Promise<void> {
  for (const picture of [pictures.png, pictures.jpeg, pictures.webp, pictures.gif]) {
    const permission = await allowed(bob, picture);
    await stored(bob, permission, picture, seconds);
    const photo = await posted(bob, permission, `A ${picture.fileName}`);
    pathAtEdges(app, photo, `Bob posted ${picture.fileName}`);
    requireImage(await bob.image(photo.imageUrl), picture, `Bob posted ${picture.fileName}, and opened its imageUrl on his page`);
  }
}

async function oldPhotosLoad(app: App, ada: User, old: readonly OldPhoto[]): Promise<void> {
  const did = 'A photo had been posted in step 4, its image a row in the database; then step 5 was started, and somebody opened the feed';
  const why = 'Nobody uploads their photos again because the machines have changed.';
  const { photos } = feedIn(await ada.feed({ limit: 50 }), { did, why });
  for (const { caption, picture } of old) {
    const photo = photos.find((candidate) => candidate.caption === caption);
    requireThat(photo !== undefined, { did, saw: `no photo "${caption}" in the feed`, expected: 'the photo', why });
    const path = pathAtEdges(app, photo, did);
    for (const edge of [edges[0], edges[2]]) {
      requireImage(await neighbourOf(app, edge).client.send({ url: path }), picture, `${did} and the image of "${caption}" at ${edge}`);
    }
  }
}

async function askedForTooMuch(app: App, ada: User): Promise<void> {
  const why = 'What is refused before it is sent costs nobody anything.';
  const ask = async (who: User, what: object, status: number, did: string): Promise<void> =>
    requireProblem(await who.client.send({ method: 'POST', url: '/api/uploads', headers: { 'content-type': 'application/json' }, body: JSON.stringify(what) }), status, { did, why });
  await ask(app.visitor(), { type: 'image/png', size: 1000 }, 401, 'Somebody who is not logged in asked for the permission to upload');
  await ask(ada, { type: 'image/png', size: 5 * mebibyte + 1 }, 413, 'Ada asked for the permission to upload more than 5 MB');
  for (const type of ['text/html', 'image/svg+xml', '../../png']) await ask(ada, { type, size: 1000 }, 415, `Ada asked for the permission to upload ${type}`);
  for (const what of [{}, { type: 'image/png' }, { type: 'image/png', size: -1 }, { type: 'image/png', size: 'ten' }, { type: 7, size: 1000 }]) {
    const answer = await ada.client.send({ method: 'POST', url: '/api/uploads', headers: { 'content-type': 'application/json' }, body: JSON.stringify(what) });
    const did = `Ada asked for a permission that makes no sense: POST /api/uploads ${JSON.stringify(what)}`;
    requireProblem(answer, [413, 415].includes(answer.status) ? answer.status : 400, { did, why: 'A permission is exact, or it permits too much.' });
  }
}

async function deletedEverywhere(app: App, ada: User, bob: User): Promise<void> {
  const picture = distinct(pictures.jpeg, 'to be deleted');
  const permission = await allowed(ada, picture);
  await stored(ada, permission, picture, seconds);
  const photo: Photo = await posted(ada, permission, 'To be deleted');
  const path = pathAtEdges(app, photo, 'Ada posted a photo');
  const storage = app.visitor('visitor', 'storage');
  const url = new URL(permission.url);
  for (const [how, target, headers] of [
    ['without a permission', path, {}],
    ['with the permission by which it was uploaded', url.pathname + url.search, permission.headers],
  ] as const) {
    await bob.client.send({ method: 'DELETE', url: app.stack.publicUrl('storage') + target, headers: { ...headers }, asStranger: true });
    requireImage(await storage.client.send({ url: path }), picture, `Somebody sent DELETE ${url.pathname} to storage, ${how}, and opened the image there`);
  }
  await requireGone(app, ada, photo.id, path, 'Ada deleted her photo');
}

/** Its bytes may be in two places: where step 4 had them, and where they were copied to. */
async function oldOnesToo(app: App, ada: User, old: OldPhoto): Promise<void> {
  if (!(await givePhoto(app, old, ada.name))) return;
  const did = 'Ada deleted a photo that had been posted in step 4, and that had been looked at since';
  const photo = photoIn(await ada.photo(old.id), 200, { did: 'Ada opened a photo that had been posted in step 4', why: 'It is there.' });
  await requireGone(app, ada, photo.id, pathAtEdges(app, photo, 'Ada opened a photo that had been posted in step 4'), did);
}

const goneMs = 3_000;

/** @throws Failure unless its owner can delete the photo, and storage has its image no longer. */
async function requireGone(app: App, owner: User, id: string, path: string, did: string): Promise<void> {
  requireStatus(await owner.deletes(id), 204, { did, why: 'It is hers.' });
  const storage = app.visitor('visitor', 'storage');
  let seen: Answer | undefined;
  const isMissing = async (): Promise<boolean> => {
    seen = await storage.client.send({ url: path });
    return [403, 404, 410].includes(seen.status);
  };
  const isGone = await until('the image to be gone', isMissing, { timeoutMs: goneMs, everyMs: 50 }).then(isMissing, () => false);
  requireThat(isGone, {
    kind: 'too slow',
    did,
    saw: `${String(seen)} at storage, ${goneMs / 1_000} s later`,
    expected: '404',
    why: 'What its owner has deleted is not to be kept for ever. Edges forget it by themselves.',
    machine: 'storage',
  });
}
