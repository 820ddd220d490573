// Bytes that nobody allowed. A refusal is a status, but what counts is what is there afterwards.

import { pause, pictures, requireAnswer, requireThat, type Answer, type App, type Picture, type User } from 'checker/check';
import { edges, neighbourOf } from './edges.ts';
import { forgeriesOf, sized, type Ticket } from './permissions.ts';
import { allowed, posted, stored, type Permission } from './uploading.ts';

/** More than any of the pictures has, so that each can be made as large. */
const size = 8_000;
const graceMs = 1_300;
const whySigned = 'A permission is a promise about one image: this name, this type, this size, until then. What the signature does not cover, anybody can choose.';

interface Attempt {
  did: string;
  why: string;
  ticket: Ticket;
  /** What is sent. */
  picture: Picture;
  /** By which it is known again. */
  mark: string;
}

/** What was refused so far, for a look at the edges. */
const refused = new WeakMap<App, Attempt[]>();

export async function everyoneIsRefused(app: App, ada: User, bob: User, seconds: number): Promise<void> {
  await forged(app, ada, bob, seconds);
  await otherBytes(app, ada, seconds);
  await secondPut(app, ada, seconds);
}

/** Permissions that were changed. The real one is good all the same, afterwards. */
async function forged(app: App, ada: User, bob: User, seconds: number): Promise<void> {
  const model = sized(pictures.png, 'as it was meant', size);
  const [own, other] = [await allowed(ada, model), await allowed(ada, model)];
  for (const [index, { how, ticket, size: sent = size, type = 'image/png' }] of forgeriesOf(own, { other, type: 'image/png', size, seconds }).entries()) {
    const mark = `forgery number ${index}`;
    const picture = sized(type === 'image/gif' ? pictures.gif : pictures.png, mark, sent);
    await requireRefused(app, bob, { did: `Bob sent an image to storage with a permission of Ada's, ${how}`, why: whySigned, ticket, picture, mark });
  }
  const fresh = await allowed(ada, model);
  await stored(ada, fresh, model, seconds);
  await posted(ada, fresh, 'After the forgeries');
}

/** Real permissions, and other bytes than were declared. */
async function otherBytes(app: App, ada: User, seconds: number): Promise<void> {
  const model = sized(pictures.png, 'as it was declared', size);
  const page = Buffer.from('<!doctype html><script>alert(1)</script> other bytes 1 '.padEnd(size, '.'));
  const attempts: Omit<Attempt, 'ticket'>[] = [
    { did: 'Ada declared a PNG and sent a page of HTML', mark: 'other bytes 1', picture: { ...model, bytes: page }, why: 'Whatever storage keeps, it gives to everybody: as an image, from the address of the page.' },
    { did: 'Ada declared a PNG and sent a GIF', mark: 'other bytes 2', picture: sized(pictures.gif, 'other bytes 2', size), why: 'The type that a browser is told has to be that of the bytes.' },
    { did: `Ada declared ${size} bytes and sent ${size + 2_000}`, mark: 'other bytes 3', picture: sized(pictures.png, 'other bytes 3', size + 2_000), why: 'A limit that is only asked for and never measured is none.' },
  ];
  for (const attempt of attempts) {
    const permission = await allowed(ada, model);
    await requireRefused(app, ada, { ...attempt, ticket: permission });
    await requireNoPhoto(ada, permission, attempt);
  }
  await inPieces(app, ada, model, attempts[2]!);
  await cutOff(app, ada, model, seconds);
}

/** Nobody says beforehand how many bytes will come. */
async function inPieces(app: App, ada: User, model: Picture, attempt: Omit<Attempt, 'ticket'>): Promise<void> {
  const permission = await allowed(ada, model);
  if (Object.keys(permission.headers).some((name) => /^content-length$/i.test(name))) return;
  const { request, answer } = ada.client.open({ method: 'PUT', url: permission.url, headers: { ...permission.headers }, asStranger: true });
  request.write(attempt.picture.bytes.subarray(0, 1_000));
  request.end(attempt.picture.bytes.subarray(1_000));
  const did = `${attempt.did}, without a Content-Length`;
  requireRefusal(await answer, did, attempt.why, true);
  await requireUnseen(app, { ...attempt, did, ticket: permission });
  await requireNoPhoto(ada, permission, { ...attempt, did });
}

/** Half of an image is none; and who was cut off may try again. */
async function cutOff(app: App, ada: User, model: Picture, seconds: number): Promise<void> {
  const mark = 'half of it';
  const picture = sized(pictures.png, mark, size);
  const permission = await allowed(ada, model);
  const { request, answer } = ada.client.open({ method: 'PUT', url: permission.url, headers: { ...permission.headers }, length: size, asStranger: true });
  await new Promise<void>((resolve) => request.write(picture.bytes.subarray(0, size - 500), () => resolve()));
  await pause(100);
  request.destroy();
  await answer;
  const did = "Ada's connection broke when most of her image was sent";
  const why = 'What is there under its name is whole, or it is not there.';
  await requireUnseen(app, { did, why, ticket: permission, picture, mark });
  await requireNoPhoto(ada, permission, { did, why });
  await stored(ada, permission, picture, seconds);
}

/** The first image stays: edges and browsers have it, for a year. */
async function secondPut(app: App, ada: User, seconds: number): Promise<void> {
  const [first, second, third] = ['the first image', 'the second image', 'the third image'].map((mark) => sized(pictures.png, mark, size)) as [Picture, Picture, Picture];
  const permission = await allowed(ada, first);
  await stored(ada, permission, first, seconds);
  const why = 'An image that may be kept for a year has to stay what it is: whoever can send again can swap what others already like.';
  const attempt = { why, ticket: permission };
  await requireRefused(app, ada, { ...attempt, did: 'Ada sent an image, and with the same permission another one', picture: second, mark: 'the second image' });
  const photo = await posted(ada, permission, 'Sent twice');
  await requireRefused(app, ada, { ...attempt, did: 'Ada posted a photo, and sent another image with its permission', picture: third, mark: 'the third image' });
  const seen = await ada.image(photo.imageUrl);
  requireThat(seen.body.equals(first.bytes), { did: 'Ada sent three images with one permission, and opened the photo', saw: String(seen), expected: 'the first image', why, machine: seen.machine });
  await bothAtOnce(ada, why);
}

async function bothAtOnce(ada: User, why: string): Promise<void> {
  const did = 'Ada sent two images with one permission, both at the same moment';
  const images = ['one of two', 'two of two'].map((mark) => sized(pictures.png, mark, size));
  const permission = await allowed(ada, images[0]!);
  const puts = images.map(({ bytes }) => ada.beginsPut(permission, bytes));
  await Promise.all(puts.map((put) => put.sendUpTo(0.5)));
  // Both are under way where they go, and have been looked at.
  await pause(150);
  for (const put of puts) put.sendRest();
  const answers = await Promise.all(puts.map(({ answer }) => answer));
  const kept = images.filter((_image, index) => answers[index]?.ok);
  requireThat(kept.length === 1, { did, saw: answers.map(withoutQuery).join('; '), expected: 'a status from 200 to 299 for one of them, and for the other one from 400 to 499', why, machine: 'storage' });
  const photo = await posted(ada, permission, 'One of two');
  const seen = await ada.image(photo.imageUrl);
  requireThat(seen.body.equals(kept[0]!.bytes), { did, saw: `the image that was refused, or none: ${String(seen)}`, expected: 'the image that was accepted', why, machine: seen.machine });
}

/** A permission that has lasted its time, taken when the check began. */
export async function ranOut(app: App, ada: User, permission: Permission, seconds: number): Promise<void> {
  await pause(permission.cameAt + seconds * 1_000 + graceMs - performance.now());
  const did = `Ada got a permission that lasts ${seconds} s (UPLOAD_SECONDS), and used it ${seconds + 1} s later`;
  const why = 'A permission that lasts for ever is one that somebody finds in a log, years later.';
  await requireRefused(app, ada, { did, why, ticket: permission, picture: lateImage(), mark: 'too late' });
  await requireNoPhoto(ada, permission, { did, why });
}

/** What the permission that runs out is for. */
export function lateImage(): Picture {
  return sized(pictures.png, 'too late', size);
}

/** @throws Failure unless it is refused, and the bytes are nowhere. */
async function requireRefused(app: App, user: User, attempt: Attempt): Promise<void> {
  requireRefusal(await user.puts(attempt.ticket, attempt.picture.bytes), attempt.did, attempt.why, attempt.mark === 'other bytes 3');
  await requireUnseen(app, attempt);
}

/** @param mayBreakOff Who sends too much may find the door shut before they have read why. */
function requireRefusal(answer: Answer, did: string, why: string, mayBreakOff = false): void {
  if (mayBreakOff && answer.silence === 'reset') return;
  const expected = 'a status from 400 to 499';
  requireAnswer(answer, { did, why, expected });
  requireThat(answer.status >= 400 && answer.status < 500, { did, saw: withoutQuery(answer), expected, why, machine: answer.machine ?? 'storage' });
}

/** A signature in a message says nothing to who reads it. */
function withoutQuery(answer: Answer): string {
  return String(answer).replace(/\?\S*/, '');
}

/** @throws Failure when storage gives what it refused. Edges are asked later, for all of it together: they are far away. */
async function requireUnseen(app: App, attempt: Attempt): Promise<void> {
  await requireUnseenAt(app.visitor('visitor', 'storage'), 'storage', attempt);
  const list = refused.get(app) ?? [];
  // An edge may rightly keep what it sees, so it is not asked where an image is still to come.
  refused.set(app, attempt.mark === 'half of it' ? list : [...list, attempt]);
}

/** @throws Failure when an edge gives what storage refused */
export async function unseenAtEdges(app: App): Promise<void> {
  await Promise.all(edges.map(async (edge) => {
    const visitor = neighbourOf(app, edge);
    await Promise.all((refused.get(app) ?? []).map((attempt) => requireUnseenAt(visitor, edge, attempt)));
  }));
}

async function requireUnseenAt(visitor: User, machine: string, { did, why, ticket, mark }: Attempt): Promise<void> {
  const { pathname, search } = new URL(ticket.url);
  const answers = await Promise.all([...new Set([pathname, pathname + search])].map((url) => visitor.client.send({ url })));
  requireThat(answers.every(({ body }) => !body.includes(mark)), { did: `${did}; then somebody asked ${machine} for it`, saw: 'the bytes that were refused', expected: 'none of them', why, machine: 'storage' });
}

async function requireNoPhoto(user: User, { uploadId }: Permission, { did, why }: Pick<Attempt, 'did' | 'why'>): Promise<void> {
  const answer = await user.postsUploaded(uploadId, { caption: 'Never seen' });
  requireThat(answer.status >= 400 && answer.status < 500, { did: `${did}, and made a photo of it`, saw: String(answer), expected: '409: there is no image yet', why, machine: answer.machine });
}
