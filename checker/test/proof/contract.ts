// The public contract, which holds in every step: what programs and people outside rely on while machines come and go.

import { exercise, feedIn, likesIn, permissionIn, photoIn, pictures, requireProblem, requireStatus, requireThat, type Answer, type App, type User } from '../../src/check/index.ts';

const why = 'The contract of the API holds in every step.';

/** Every call of the contract, with every status that one client can bring about. */
export const contract = exercise(async ({ start, step }) => {
  const app = await start();
  const ada = await signingUp(app);
  // Step 3's start still has step 2's cookie; its exercise 3.4 judges its own solution.
  if (step.number > 3) await tokensAndNoCookies(app);
  await sessions(app, ada);
  await photos(app, ada);
  await images(ada);
  // From step 5 on edges may keep the image of a photo that is gone, until they forget it.
  if (step.number < 5) await noImageWithoutItsPhoto(ada);
  await feed(ada);
  if (step.number >= 5) await uploads(app, ada, step.number);
});

function told(did: string): { did: string; why: string } {
  return { did, why };
}

function post(user: User, url: string, body: unknown, type = 'application/json'): Promise<Answer> {
  return user.client.send({ method: 'POST', url, headers: { 'content-type': type }, body: typeof body === 'string' ? body : JSON.stringify(body) });
}

async function signingUp(app: App): Promise<User> {
  const ada = app.visitor('ada');
  const answer = await ada.signsUp();
  requireStatus(answer, 201, told('Ada signed up'));
  const { user } = answer.json as { user?: { id?: unknown; username?: unknown } };
  requireThat(user?.id !== undefined && user.username === 'ada', { ...told('Ada signed up'), saw: answer.body.toString(), expected: '{ user: { id, username } }' });
  requireThat(answer.machine !== undefined, { ...told('Ada signed up'), saw: 'no X-Served-By', expected: 'the name of the machine in X-Served-By' });
  requireProblem(await app.visitor('ada').signsUp(), 409, told('Somebody signed up as ada, who exists'));
  const visitor = app.visitor();
  for (const body of ['', '{', '[]', 'null', { username: 'bob' }, { username: 7, password: 'long enough for all' }, { username: '', password: 'long enough for all' }, { username: 'bob', password: '' }]) {
    requireProblem(await post(visitor, '/api/users', body), 400, told(`Somebody signed up with ${JSON.stringify(body)}`));
  }
  return ada;
}

async function tokensAndNoCookies(app: App): Promise<void> {
  const user = app.visitor('token.holder');
  const answers = [await user.signsUp(), await user.logsIn()];
  for (const answer of answers) {
    const { token } = (answer.json ?? {}) as { token?: unknown };
    const cookie = answer.headers['set-cookie'];
    requireThat(typeof token === 'string' && cookie === undefined, { ...told('Somebody signed up and logged in'), saw: `token: ${String(token)}, set-cookie: ${String(cookie)}`, expected: 'a token in the body, and no cookie' });
  }
}

async function sessions(app: App, ada: User): Promise<void> {
  const me = await ada.me();
  requireStatus(me, 200, told('Ada asked who she is'));
  requireProblem(await app.visitor().me(), 401, told('A stranger asked who they are'));
  requireProblem(await app.visitor('ada').logsIn('not her password'), 401, told('Somebody logged in as ada with a wrong password'));
  requireProblem(await app.visitor('nobody').logsIn(), 401, told('Somebody logged in who does not exist'));

  const second = app.visitor('ada');
  requireStatus(await second.logsIn(), [200, 201], told('Ada logged in on a second device'));
  const old = app.visitor('ada');
  old.client.resume(second.client);
  requireStatus(await second.logsOut(), 204, told('Ada logged out on it'));
  requireProblem(await old.me(), 401, told('Somebody used the session that Ada had ended'));
  requireStatus(await ada.me(), 200, told('Ada asked who she is on the device where she did not log out'));
}

async function photos(app: App, ada: User): Promise<void> {
  const photo = photoIn(await ada.uploads(pictures.png, { caption: 'One' }), 201, told('Ada posted a photo'));
  requireThat(photo.likes === 0 && photo.username === 'ada' && !Number.isNaN(Date.parse(photo.createdAt)), {
    ...told('Ada posted a photo'),
    saw: JSON.stringify(photo),
    expected: 'her photo, without likes and with the time',
  });
  for (const id of ['0', '999999999', '99999999999999999999999', '-1', 'x', '%00', "1'--", '1.5', '00000000-0000-4000-8000-000000000000']) {
    requireProblem(await ada.client.send({ url: `/api/photos/${id}` }), 404, told(`Ada asked for the photo ${id}`));
    requireProblem(await ada.client.send({ method: 'PUT', url: `/api/photos/${id}/like` }), 404, told(`Ada liked the photo ${id}`));
    requireProblem(await ada.client.send({ method: 'DELETE', url: `/api/photos/${id}` }), 404, told(`Ada deleted the photo ${id}`));
  }
  likesIn(await ada.likes(photo.id), told('Ada liked her photo'));
  const again = likesIn(await ada.likes(photo.id), told('Ada liked her photo twice'));
  requireThat(again === 1, { ...told('Ada liked her photo twice'), saw: `${again} likes`, expected: '1 like' });
  requireProblem(await app.visitor().likes(photo.id), 401, told('A stranger liked a photo'));
  requireStatus(await ada.deletes(photo.id), 204, told('Ada deleted her photo, which had a like'));
}

async function images(ada: User): Promise<void> {
  const photo = photoIn(await ada.uploads(pictures.webp), 201, told('Ada posted a photo'));
  const image = await ada.image(photo.imageUrl);
  requireStatus(image, 200, told('Ada asked for the image of her photo, from where she sees the page'));
  requireThat(image.body.equals(pictures.webp.bytes) && image.headers['content-type'] === 'image/webp', {
    ...told('Ada asked for the image of her photo'),
    saw: `${image.body.length} bytes of ${image.headers['content-type'] ?? 'no type'}`,
    expected: `the ${pictures.webp.bytes.length} bytes as she uploaded them, of image/webp`,
  });
  requireStatus(await ada.deletes(photo.id), 204, told('Ada deleted that photo'));
}

async function noImageWithoutItsPhoto(ada: User): Promise<void> {
  const photo = photoIn(await ada.uploads(pictures.png), 201, told('Ada posted a photo'));
  requireStatus(await ada.deletes(photo.id), 204, told('Ada deleted it'));
  requireStatus(await ada.image(photo.imageUrl), 404, told('Ada deleted her photo and asked for its image'));
}

async function feed(ada: User): Promise<void> {
  for (const number of [1, 2, 3]) photoIn(await ada.uploads(pictures.gif, { caption: String(number) }), 201, told('Ada posted a photo'));
  const first = feedIn(await ada.feed({ limit: 2 }), told('Ada opened the feed, two photos a page'));
  requireThat(first.photos.map(({ caption }) => caption).join() === '3,2' && typeof first.next === 'string', {
    ...told('Ada opened the feed, two photos a page'),
    saw: JSON.stringify(first),
    expected: 'the photos 3 and 2, and a next',
  });
  const second = feedIn(await ada.feed({ limit: 2, before: first.next ?? '' }), told('Ada turned the page'));
  requireThat(second.photos.map(({ caption }) => caption).join() === '1' && (second.next === null || second.next === undefined), {
    ...told('Ada turned the page'),
    saw: JSON.stringify(second),
    expected: 'photo 1, and no next',
  });
  const garbage = await ada.feed({ before: 'garbage' });
  requireProblem(garbage, 400, told('Ada asked for a page after garbage'));
}

/** The way of bytes from step 5 on. Its start does not know it yet, and takes forms. */
async function uploads(app: App, ada: User, step: number): Promise<void> {
  const small = { type: 'image/png', size: 1_000 };
  const asked = await ada.asksToUpload(small);
  if (step === 5 && (asked.status === 404 || asked.status === 405)) return;
  const { uploadId } = permissionIn(asked, told('Ada asked to upload'));
  requireProblem(await app.visitor().asksToUpload(small), 401, told('A stranger asked to upload'));
  requireProblem(await ada.asksToUpload({ ...small, size: 5 * 1024 * 1024 + 1 }), 413, told('Ada asked to upload more than 5 MB'));
  requireProblem(await ada.asksToUpload({ ...small, type: 'text/html' }), 415, told('Ada asked to upload a page'));
  for (const body of ['', '{', '[]', 'null', {}, { type: 'image/png' }, { ...small, size: '1000' }, { ...small, size: -1 }, { ...small, size: 1.5 }]) {
    requireProblem(await post(ada, '/api/uploads', body), 400, told(`Ada asked to upload with ${JSON.stringify(body)}`));
  }
  requireProblem(await ada.postsUploaded(uploadId), 409, told('Ada posted a photo of which nothing had arrived'));
  requireProblem(await app.visitor().postsUploaded(uploadId), 401, told('A stranger posted a photo'));
  for (const unknown of ['', '0', '../etc/passwd', '%00', 'x'.repeat(10_000), '00000000-0000-4000-8000-000000000000']) {
    const answer = await ada.postsUploaded(unknown);
    // What looks like no id may be called unreadable.
    requireProblem(answer, answer.status === 400 ? 400 : 404, told(`Ada posted an upload that does not exist, ${unknown.slice(0, 40)}`));
  }
}
