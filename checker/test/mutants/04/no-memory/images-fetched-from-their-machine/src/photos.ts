// One photo: upload, show, delete.

import { type Request, Router } from 'express';
import { query } from './db.ts';
import { imageName, receiveImage, removeImage, saveImage } from './images.ts';
import { noSuchPhoto, photoId, type PhotoRow, selectPhotos, toPhoto } from './photo.ts';
import { Problem } from './problems.ts';
import { loggedIn, requireUser, userIn } from './sessions.ts';

const longestCaption = 2000;
const longestKey = 200;

export const photos = Router();

photos.post('/photos', loggedIn, receiveImage, async (req, res) => {
  if (!req.file) throw new Problem(400, 'Send a form with a file named image.');
  const key = idempotencyKey(req);
  const caption = readCaption(req.body);
  const { buffer: bytes } = req.file;
  const { id: userId } = userIn(res);

  // The file first, then the row, then the answer. Under a key that this user has used before, there is no new row.
  const image = await imageName(bytes);
  await saveImage(bytes, image);
  const [created] = await query<{ id: string }>(
    `insert into photos (user_id, caption, image, idempotency_key) values ($1, $2, $3, $4)
     on conflict (user_id, idempotency_key) do nothing
     returning id`,
    [userId, caption, image, key],
  );
  const id = created?.id ?? (await storedUnder(key, userId, caption));
  res.status(201).json(toPhoto(await findPhoto(id)));
});

/** What came of this upload when it was sent before. Throws a 422 when the key was used for another one. */
async function storedUnder(key: string | undefined, userId: string, caption: string): Promise<string> {
  const [earlier] = await query<{ id: string; same: boolean }>(
    'select id, caption = $3 as same from photos where user_id = $1 and idempotency_key = $2',
    [userId, key, caption],
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

photos.get('/photos/:id', async (req, res) => {
  res.json(toPhoto(await findPhoto(photoId(req.params.id))));
});

photos.delete('/photos/:id', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  const [deleted] = await query<{ image: string }>('delete from photos where id = $1 and user_id = $2 returning image', [id, user.id]);
  if (!deleted) {
    await findPhoto(id);
    throw new Problem(403, 'Only its owner may delete a photo.');
  }
  await removeImage(deleted.image);
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
