// Bytes that nobody allowed, with permissions that are real.

import { pause, pictures, requireThat, until, type App, type Picture, type User } from 'checker/check';
import { sized } from './permissions.ts';
import { requireNoPhoto, requireRefusal, requireRefused, requireUnseen, withoutQuery, type Attempt } from './refusing.ts';
import { allowed, posted, requireInTime, stored } from './uploading.ts';

/** More than any of the pictures has, so that each can be made as large. */
const size = 8_000;

/** Other bytes than were declared. */
export async function otherBytes(app: App, ada: User, seconds: number): Promise<void> {
  const model = sized(pictures.png, 'as it was declared', size);
  const page = Buffer.from('<!doctype html><script>alert(1)</script> other bytes 1 '.padEnd(size, '.'));
  const attempts: Omit<Attempt, 'ticket'>[] = [
    { did: 'Ada declared a PNG and sent a page of HTML', mark: 'other bytes 1', picture: { ...model, bytes: page }, why: 'Whatever storage keeps, it gives to everybody: as an image, from the address of the page.' },
    { did: 'Ada declared a PNG and sent a GIF', mark: 'other bytes 2', picture: sized(pictures.gif, 'other bytes 2', size), why: 'The type that a browser is told has to be that of the bytes.' },
    { did: `Ada declared ${size} bytes and sent ${size + 2_000}`, mark: 'other bytes 3', picture: sized(pictures.png, 'other bytes 3', size + 2_000), why: 'A limit that is only asked for and never measured is none.', mayBreakOff: true },
  ];
  for (const attempt of attempts) {
    const permission = await allowed(ada, model);
    await requireRefused(app, ada, { ...attempt, ticket: permission, inTime: { permission, seconds } });
    await requireNoPhoto(ada, permission, attempt);
  }
  await inPieces(app, ada, model, attempts[2]!, seconds);
  await cutOff(app, ada, model, seconds);
}

/** Nobody says beforehand how many bytes will come. */
async function inPieces(app: App, ada: User, model: Picture, attempt: Omit<Attempt, 'ticket'>, seconds: number): Promise<void> {
  const permission = await allowed(ada, model);
  if (Object.keys(permission.headers).some((name) => /^content-length$/i.test(name))) return;
  const { request, answer } = ada.client.open({ method: 'PUT', url: permission.url, headers: { ...permission.headers }, asStranger: true });
  request.write(attempt.picture.bytes.subarray(0, 1_000));
  request.end(attempt.picture.bytes.subarray(1_000));
  const did = `${attempt.did}, without a Content-Length`;
  requireRefusal(await answer, { ...attempt, did });
  requireInTime(permission, seconds);
  await requireUnseen(app, { ...attempt, did, ticket: permission });
  await requireNoPhoto(ada, permission, { ...attempt, did });
}

/** Half of an image is none; and who was cut off may try again. */
async function cutOff(app: App, ada: User, model: Picture, seconds: number): Promise<void> {
  const mark = 'half of it';
  const picture = sized(pictures.png, mark, size);
  const permission = await allowed(ada, model);
  const hasArrived = arrivals(app);
  const { request, answer } = ada.client.open({ method: 'PUT', url: permission.url, headers: { ...permission.headers }, length: size, asStranger: true });
  await new Promise<void>((resolve) => request.write(picture.bytes.subarray(0, size - 500), () => resolve()));
  await hasArrived(size - 500, permission.url);
  request.destroy();
  await answer;
  const did = "Ada's connection broke when most of her image was sent";
  const why = 'What is there under its name is whole, or it is not there.';
  await requireUnseen(app, { did, why, ticket: permission, picture, mark }, true);
  await requireNoPhoto(ada, permission, { did, why });
  await stored(ada, permission, picture, seconds);
}

/** The first image stays: edges and browsers have it, for a year. */
export async function secondPut(app: App, ada: User, seconds: number): Promise<void> {
  const [first, second, third] = ['the first image', 'the second image', 'the third image'].map((mark) => sized(pictures.png, mark, size)) as [Picture, Picture, Picture];
  const permission = await allowed(ada, first);
  await stored(ada, permission, first, seconds);
  const why = 'An image that may be kept for a year has to stay what it is: whoever can send again can swap what others already like.';
  const attempt = { why, ticket: permission, inTime: { permission, seconds } };
  await requireRefused(app, ada, { ...attempt, did: 'Ada sent an image, and with the same permission another one', picture: second, mark: 'the second image' });
  const photo = await posted(ada, permission, 'Sent twice');
  await requireRefused(app, ada, { ...attempt, did: 'Ada posted a photo, and sent another image with its permission', picture: third, mark: 'the third image' });
  const seen = await ada.image(photo.imageUrl);
  requireThat(seen.body.equals(first.bytes), { did: 'Ada sent three images with one permission, and opened the photo', saw: String(seen), expected: 'the first image', why, machine: seen.machine });
  await bothAtOnce(app, ada, why, seconds);
}

async function bothAtOnce(app: App, ada: User, why: string, seconds: number): Promise<void> {
  const did = 'Ada sent two images with one permission, both at the same moment';
  const images = ['one of two', 'two of two'].map((mark) => sized(pictures.png, mark, size));
  const permission = await allowed(ada, images[0]!);
  const hasArrived = arrivals(app);
  const puts = images.map(({ bytes }) => ada.beginsPut(permission, bytes));
  await Promise.all(puts.map((put) => put.sendUpTo(0.5)));
  // Both are under way where they go, and have been looked at.
  await hasArrived(size, permission.url);
  for (const put of puts) put.sendRest();
  const answers = await Promise.all(puts.map(({ answer }) => answer));
  const kept = images.filter((_image, index) => answers[index]?.ok);
  if (kept.length === 0) requireInTime(permission, seconds);
  requireThat(kept.length === 1, {
    kind: kept.length === 0 && answers.some(({ silence, status }) => silence !== undefined || status >= 502) ? 'requests failed' : 'wrong answer',
    did,
    saw: answers.map(withoutQuery).join('; '),
    expected: 'a status from 200 to 299 for one of them, and for the other one from 400 to 499',
    why,
    machine: 'storage',
  });
  const photo = await posted(ada, permission, 'One of two');
  const seen = await ada.image(photo.imageUrl);
  requireThat(seen.body.equals(kept[0]!.bytes), { did, saw: `the image that was refused, or none: ${String(seen)}`, expected: 'the image that was accepted', why, machine: seen.machine });
}

const looks = 3;
const atOnceMs = 150;

/** @returns waits until so many bytes more have come to storage, and it has had the time to look at them: what is asked afterwards is answered. */
function arrivals(app: App): (bytes: number, url: string) => Promise<void> {
  const sent = (): number => app.stack.wireOfPeople('storage').seen().sentBytes;
  const before = sent();
  const visitor = app.visitor('visitor', 'storage');
  return async (bytes, url) => {
    await until('the bytes to reach storage', () => sent() - before >= bytes, { timeoutMs: 5_000 }).catch(() => undefined);
    for (let look = 0; look < looks; look += 1) await visitor.client.send({ url: new URL(url).pathname });
    await pause(atOnceMs);
  };
}
