// One photo: upload, show, delete.

import { type Request, Router } from 'express';
import { query } from './db.ts';
import { imageName, receiveImage } from './images.ts';
import { noSuchPhoto, photoId, type PhotoRow, selectPhotos, toPhoto } from './photo.ts';
import { Problem } from './problems.ts';
import { loggedIn, requireUser, userIn } from './sessions.ts';

const longestCaption = 2000;
const longestKey = 200;

export const photos = Router();

// #region upload
photos.post('/photos', loggedIn, receiveImage, async (req, res) => {
  if (!req.file) throw new Problem(400, 'Send a form with a file named image.');
  const key = idempotencyKey(req);
  const caption = readCaption(req.body);
  const { buffer: bytes } = req.file;
  const { id: userId } = userIn(res);

  // Image and row in one statement: both are there, or neither is. Under a key that this user has used before, nothing is stored.
  const [created] = await query<{ id: string }>(
    `with created as (
       insert into photos (user_id, caption, image, idempotency_key) values ($1, $2, $3, $5)
       on conflict (user_id, idempotency_key) do nothing
       returning id, image
     ), stored as (
       insert into images (name, bytes) select image, $4 from created
     )
     select id from created`,
    [userId, caption, await imageName(bytes), bytes, key],
  );
  const id = created?.id ?? (await storedUnder(key, userId, caption, bytes));
  res.status(201).json(toPhoto(await findPhoto(id)));
});
// #endregion

// #region idempotency
/** What came of this upload when it was sent before. Throws a 422 when the key was used for another one. */
async function storedUnder(key: string | undefined, userId: string, caption: string, bytes: Buffer): Promise<string> {
  const [earlier] = await query<{ id: string; same: boolean }>(
    `select photos.id, caption = $3 and bytes = $4 as same from photos join images on name = image
     where user_id = $1 and idempotency_key = $2`,
    [userId, key, caption, bytes],
  );
  if (!earlier) throw noSuchPhoto();
  if (!earlier.same) throw new Problem(422, 'This Idempotency-Key was used for another photo.');
  return earlier.id;
}

/** A client that may send an upload twice gives it a name of its own, the same both times. */
function idempotencyKey(req: Request): string | undefined {
  const key = req.get('Idempotency-Key');
  if (key !== undefined && (key === '' || key.length > longestKey)) {
    throw new Problem(400, `An Idempotency-Key has 1 to ${longestKey} characters.`);
  }
  return key;
}
// #endregion

photos.get('/photos/:id', async (req, res) => {
  res.json(toPhoto(await findPhoto(photoId(req.params.id))));
});

photos.delete('/photos/:id', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  const [deleted] = await query(
    `with deleted as (
       delete from photos where id = $1 and user_id = $2 returning image
     ), gone as (
       delete from images using deleted where name = image
     )
     select from deleted`,
    [id, user.id],
  );
  if (!deleted) {
    await findPhoto(id);
    throw new Problem(403, 'Only its owner may delete a photo.');
  }
  res.status(204).end();
});

async function findPhoto(id: string): Promise<PhotoRow> {
  const [photo] = await query<PhotoRow>(`${selectPhotos} where photos.id = $1`, [id]);
  if (!photo) throw noSuchPhoto();
  return photo;
}

function readCaption(body: unknown): string {
  const caption = typeof body === 'object' && body && 'caption' in body ? body.caption : '';
  if (typeof caption !== 'string') throw new Problem(400, 'The caption has to be one text.');
  if (caption.length > longestCaption) {
    throw new Problem(400, `A caption has at most ${longestCaption} characters.`);
  }
  // Postgres cannot store this one character.
  if (caption.includes('\0')) throw new Problem(400, 'A caption cannot contain the character NUL.');
  return caption;
}
