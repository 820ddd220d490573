// An upload becomes a photo: once, by whoever uploaded it, and when there is an image.

import { feedIn, photoIn, pictures, requireAnswer, requireStatus, requireThat, type App, type User } from 'checker/check';
import { isApi } from './edges.ts';
import { sized } from './permissions.ts';
import { allowed, posted, stored } from './uploading.ts';

const size = 5_000;
/** The same answer as the first time, or one that says that nothing was created this time. */
const repeated = [201, 200];

export async function oneUploadOnePhoto(app: App, ada: User, bob: User, seconds: number): Promise<void> {
  await nothingArrived(ada, seconds);
  await ofSomebodyElse(ada, bob, seconds);
  await twice(app, ada, seconds);
  await oddIds(ada);
}

async function nothingArrived(ada: User, seconds: number): Promise<void> {
  const picture = sized(pictures.png, 'late', size);
  const permission = await allowed(ada, picture);
  const did = 'Ada got a permission to upload, sent nothing, and made a photo of it';
  requireStatus(await ada.postsUploaded(permission.uploadId, { caption: 'Nothing' }), 409, { did, why: 'A photo without an image is a broken picture in the feed. The API has to ask storage whether it is there.' });
  await stored(ada, permission, picture, seconds);
  await posted(ada, permission, 'Late');
  requireThat((await captions(ada)).every((caption) => caption !== 'Nothing'), { did, saw: 'a photo in the feed', expected: 'none', why: 'A photo without an image is a broken picture in the feed.' });
}

async function ofSomebodyElse(ada: User, bob: User, seconds: number): Promise<void> {
  const picture = sized(pictures.png, 'of Bob', size);
  const permission = await allowed(bob, picture);
  await stored(bob, permission, picture, seconds);
  const did = 'Bob uploaded an image, and Ada made a photo of it';
  const why = 'An upload belongs to whom it was allowed. Otherwise whoever learns of an uploadId posts pictures of others as their own.';
  requireStatus(await ada.postsUploaded(permission.uploadId, { caption: 'Not hers' }), [404, 403], { did, why });
  const photo = await posted(bob, permission, 'His');
  requireThat(photo.username === 'bob', { did: 'Bob posted a photo', saw: `a photo of ${photo.username}`, expected: 'one of bob', why });
  requireStatus(await ada.postsUploaded(permission.uploadId, { caption: 'Not hers' }), [404, 403], { did: `${did} after he had posted it`, why });
  requireThat((await captions(ada)).every((caption) => caption !== 'Not hers'), { did, saw: 'her photo in the feed', expected: 'none', why });
}

async function twice(app: App, ada: User, seconds: number): Promise<void> {
  const picture = sized(pictures.png, 'twice', size);
  const permission = await allowed(ada, picture);
  await stored(ada, permission, picture, seconds);
  const did = 'Ada posted the same upload three times at the same moment, each time through another machine';
  const why = 'One upload makes one photo: when an answer is lost the phone sends it again, and does not know whether the first arrived.';
  const answers = await Promise.all(
    app.stack.description.machines.filter(({ name }) => isApi(name)).map(({ name }) => {
      const there = app.visitor('ada', name);
      there.client.resume(ada.client);
      return there.postsUploaded(permission.uploadId, { caption: 'Once' });
    }),
  );
  for (const answer of answers) {
    requireAnswer(answer, { did, why });
    // Whoever came second may be told so, or get the photo of the first; whoever waited too long, to come again.
    requireThat([...repeated, 409, 503].includes(answer.status), { did, saw: String(answer), expected: '201 with the photo', why, machine: answer.machine });
  }
  const again = photoIn(await ada.postsUploaded(permission.uploadId, { caption: 'Once' }), repeated, { did: `${did}, and once more`, why });
  const ids = new Set([again.id, ...answers.filter(({ ok }) => ok).map((answer) => (answer.json as { id?: string }).id)]);
  const count = (await captions(ada)).filter((caption) => caption === 'Once').length;
  requireThat(count === 1 && ids.size === 1, { did: `${did}, and once more`, saw: `${count} photos in the feed, and answers about ${ids.size}`, expected: 'one photo, the same in each answer', why });
}

async function oddIds(ada: User): Promise<void> {
  for (const uploadId of ['', '0', '\0', '../../etc', 'ö', 'x'.repeat(10_240), 7, null, { id: 1 }]) {
    const answer = await ada.client.send({ method: 'POST', url: '/api/photos', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ uploadId, caption: 'Odd' }) });
    const shown = JSON.stringify(uploadId);
    requireStatus(answer, [400, 404], { did: `Ada posted { uploadId: ${shown.length > 40 ? 'a text of 10 KB' : shown} }`, why: 'What makes no sense is the mistake of whoever sent it, and not of the machine.' });
  }
}

async function captions(user: User): Promise<string[]> {
  const { photos } = feedIn(await user.feed({ limit: 50 }), { did: `${user.name} opened the feed`, why: 'What was posted is there.' });
  return photos.map(({ caption }) => caption);
}
