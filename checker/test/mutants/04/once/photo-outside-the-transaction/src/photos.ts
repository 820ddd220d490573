// Mutant: the key is noted in a transaction, and the photo is stored over another connection: what dies in between is stored again.
// One photo: upload, show, delete.

import { type Request, Router } from 'express';
import type pg from 'pg';
import { query, transaction } from './db.ts';
import { imageName, receiveImage } from './images.ts';
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
  const name = await imageName(bytes);

  const id = await transaction((client) => {
    const store = (): Promise<string> => storePhoto({ userId, caption, name, bytes });
    return key === undefined ? store() : once(client, { userId, key }, store);
  });
  res.status(201).json(toPhoto(await findPhoto(id)));
});

async function storePhoto({ userId, caption, name, bytes }: { userId: string; caption: string; name: string; bytes: Buffer }): Promise<string> {
  await query('insert into images (name, bytes) values ($1, $2)', [name, bytes]);
  const [created] = await query<{ id: string }>('insert into photos (user_id, caption, image) values ($1, $2, $3) returning id', [userId, caption, name]);
  if (!created) throw new Error('The new photo was not returned.');
  return created.id;
}

/** Does it, unless it was done under this key before. Whoever comes meanwhile with the same key waits here until the commit. */
async function once(client: pg.PoolClient, { userId, key }: { userId: string; key: string }, store: () => Promise<string>): Promise<string> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${userId} ${key}`]);
  const { rows } = await client.query<{ photoId: string }>('select photo_id as "photoId" from idempotency_keys where user_id = $1 and key = $2', [userId, key]);
  if (rows[0]) return rows[0].photoId;
  const photoId = await store();
  await client.query('insert into idempotency_keys (user_id, key, photo_id) values ($1, $2, $3)', [userId, key, photoId]);
  return photoId;
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
