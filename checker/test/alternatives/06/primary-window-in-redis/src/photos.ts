// One photo: made of an upload, shown, deleted.

import { json, type Request, type Response, Router } from 'express';
import { query } from './db.ts';
import { isImageName } from './image-names.ts';
import { noSuchPhoto, photoId, type PhotoRow, readPhotos, readVersion, toPhoto } from './photo.ts';
import { positionOf, tellPosition } from './position.ts';
import { Problem } from './problems.ts';
import { loggedIn, requireUser, userIn } from './sessions.ts';
import { show } from './shown.ts';
import { deleteObject, findObject, type StoredObject } from './store.ts';

const longestCaption = 2000;
const longestKey = 200;

interface Post {
  userId: string;
  uploadId: string;
  caption: string;
  key: string | undefined;
}

interface Earlier {
  id: string;
  image: string;
  caption: string;
}

export const photos = Router();

// #region post
photos.post('/photos', loggedIn, json({ limit: '64kb' }), async (req, res) => {
  const post = { userId: userIn(res).id, key: idempotencyKey(req), ...readPost(req.body) };
  res.status(201).json(toPhoto(await findPhoto(res, await makePhoto(post))));
});

/** One upload makes one photo, however often it is sent. @returns the photo's id */
async function makePhoto(post: Post): Promise<string> {
  if (!(await isWaiting(post))) {
    const earlier = await findEarlier(post);
    // Somebody else's upload looks like none: who does not own it need not know that it is there.
    if (earlier?.image !== post.uploadId) throw new Problem(404, 'You have no such upload.');
    return earlier.id;
  }
  const object = await findObject(post.uploadId);
  if (!object) throw new Problem(409, 'Nothing has arrived for this upload yet.');
  return (await claim(post)) ?? (await storedBefore(post, object));
}

async function isWaiting({ userId, uploadId }: Post): Promise<boolean> {
  const [upload] = await query(
    "select from uploads where image = $1 and user_id = $2 and created_at > now() - interval '1 day'",
    [uploadId, userId],
  );
  return upload !== undefined;
}

/** The upload becomes a photo in one statement: of two at the same moment, one finds it gone. Under a key that was used before, it stays. */
async function claim({ userId, uploadId, caption, key }: Post): Promise<string | undefined> {
  const [created] = await query<{ id: string }>(
    `with upload as (
       select image from uploads where image = $1 and user_id = $2 and created_at > now() - interval '1 day' for update
     ), created as (
       insert into photos (user_id, caption, image, idempotency_key) select $2::bigint, $3, image, $4 from upload
       on conflict (user_id, idempotency_key) do nothing
       returning id, image
     ), claimed as (
       delete from uploads using created where uploads.image = created.image
     )
     select id from created`,
    [uploadId, userId, caption, key],
  );
  return created?.id;
}
// #endregion

// #region idempotency
/** What came of it when it was sent before: as the same upload, or as the same image under the same key. */
async function storedBefore(post: Post, object: StoredObject): Promise<string> {
  const earlier = await findEarlier(post);
  if (!earlier) throw new Problem(404, 'You have no such upload.');
  if (earlier.image === post.uploadId) return earlier.id;
  // Sent again from the first step on, it is another upload. What tells it from another photo is what can be known without reading both.
  const before = earlier.caption === post.caption ? await findObject(earlier.image) : undefined;
  if (before?.bytes !== object.bytes || before.type !== object.type) throw new Problem(422, 'This Idempotency-Key was used for another photo.');
  return earlier.id;
}

async function findEarlier({ userId, uploadId, key }: Post): Promise<Earlier | undefined> {
  const [earlier] = await query<Earlier>(
    'select id, image, caption from photos where user_id = $1 and (image = $2 or idempotency_key = $3) order by image = $2 desc limit 1',
    [userId, uploadId, key],
  );
  return earlier;
}

/** A client that may send a photo twice gives it a name of its own, the same both times. */
function idempotencyKey(req: Request): string | undefined {
  const key = req.get('Idempotency-Key');
  if (key !== undefined && (key === '' || key.length > longestKey)) {
    throw new Problem(400, `An Idempotency-Key has 1 to ${longestKey} characters.`);
  }
  return key;
}
// #endregion

photos.get('/photos/:id', async (req, res) => {
  const id = photoId(req.params.id);
  const { version, value } = await show(`photo:1:${id}`, await positionOf(req), async (run) => {
    const found = await readPhotos(run, 'where photos.id = $1', [id]);
    return { version: found.version, value: found.value.map(toPhoto) };
  });
  await tellPosition(res, version);
  const [photo] = value;
  if (!photo) throw noSuchPhoto();
  res.json(photo);
});

// #region delete
photos.delete('/photos/:id', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  // The image becomes an upload of nobody's, so that housekeeping deletes it when storage cannot be reached now.
  const [deleted] = await query<{ image: string }>(
    `with deleted as (
       delete from photos where id = $1 and user_id = $2 returning image
     ), gone as (
       delete from images using deleted where name = image
     ), left_over as (
       insert into uploads (image) select image from deleted
     )
     select image from deleted`,
    [id, user.id],
  );
  if (!deleted) {
    await findPhoto(res, id);
    throw new Problem(403, 'Only its owner may delete a photo.');
  }
  // Read after the commit: whoever is shown this version, or a later one, does not see the photo.
  await tellPosition(res, await readVersion(query));
  res.status(204).end();
  // Nobody has to wait for it. Copies that edges and browsers hold stay there until they age: no call reaches them all.
  await deleteObject(deleted.image).catch((error: unknown) => console.error(`An image is deleted later: ${String(error)}`));
});
// #endregion

/** As the primary has it, for who has changed something there. Their position is told also when there is no such photo: that is something to know, too. */
async function findPhoto(res: Response, id: string): Promise<PhotoRow> {
  const { version, value } = await readPhotos(query, 'where photos.id = $1', [id]);
  await tellPosition(res, version);
  const [photo] = value;
  if (!photo) throw noSuchPhoto();
  return photo;
}

function readPost(body: unknown): Pick<Post, 'uploadId' | 'caption'> {
  if (typeof body !== 'object' || !body || !('uploadId' in body) || typeof body.uploadId !== 'string') {
    throw new Problem(400, 'Send JSON with an uploadId and a caption.');
  }
  const { uploadId } = body;
  const caption = 'caption' in body ? body.caption : '';
  if (typeof caption !== 'string') throw new Problem(400, 'The caption has to be one text.');
  if (caption.length > longestCaption) {
    throw new Problem(400, `A caption has at most ${longestCaption} characters.`);
  }
  // Postgres cannot store this one character.
  if (caption.includes('\0')) throw new Problem(400, 'A caption cannot contain the character NUL.');
  if (!isImageName(uploadId)) throw new Problem(404, 'You have no such upload.');
  return { uploadId, caption };
}
