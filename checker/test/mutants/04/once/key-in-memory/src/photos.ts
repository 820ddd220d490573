// Mutant: each machine remembers the keys that it has seen itself, until it is restarted.
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

/** By user and key: the photo that came of it. */
const stored = new Map<string, string>();

photos.post('/photos', loggedIn, receiveImage, async (req, res) => {
  if (!req.file) throw new Problem(400, 'Send a form with a file named image.');
  const key = idempotencyKey(req);
  const earlier = stored.get(`${userIn(res).id} ${key}`);
  if (key !== undefined && earlier !== undefined) {
    res.status(201).json(toPhoto(await findPhoto(earlier)));
    return;
  }
  const caption = readCaption(req.body);
  const { buffer: bytes } = req.file;
  const { id: userId } = userIn(res);

  // Image and row in one statement: both are there, or neither is.
  const [created] = await query<{ id: string }>(
    `with created as (
       insert into photos (user_id, caption, image) values ($1, $2, $3) returning id, image
     ), stored as (
       insert into images (name, bytes) select image, $4 from created
     )
     select id from created`,
    [userId, caption, await imageName(bytes), bytes],
  );
  if (!created) throw new Error('The new photo was not returned.');
  if (key !== undefined) stored.set(`${userId} ${key}`, created.id);
  res.status(201).json(toPhoto(await findPhoto(created.id)));
});

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
