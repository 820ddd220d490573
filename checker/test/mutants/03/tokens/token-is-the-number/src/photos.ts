// Mutant: the token is the number of the user.
// One photo: upload, show, delete.

import { Router } from 'express';
import { query } from './db.ts';
import { imageType, receiveImage, removeImage, saveImage } from './images.ts';
import { noSuchPhoto, photoId, type PhotoRow, selectPhotos, toPhoto } from './photo.ts';
import { Problem } from './problems.ts';
import { loggedIn, requireUser } from './sessions.ts';

const longestCaption = 2000;

export const photos = Router();

// #region upload
photos.post('/photos', loggedIn, receiveImage, async (req, res) => {
  const { id, username } = await requireUser(req);
  if (!req.file) throw new Problem(400, 'Send a form with a file named image.');
  const caption = readCaption(req.body);
  const type = await imageType(req.file.buffer);

  // The file first, then the row, then the answer: no row ever points to an image that is not there.
  // When the insert fails the file stays: the row may have arrived although its answer got lost.
  const image = await saveImage(req.file.buffer, type);
  const [created] = await query<Pick<PhotoRow, 'id' | 'createdAt'>>(
    'insert into photos (user_id, caption, image) values ($1, $2, $3) returning id, created_at as "createdAt"',
    [id, caption, image],
  );
  if (!created) throw new Error('The new photo was not returned.');
  res.status(201).json(toPhoto({ ...created, username, caption, image, likes: 0 }));
});
// #endregion

photos.get('/photos/:id', async (req, res) => {
  res.json(toPhoto(await findPhoto(photoId(req.params.id))));
});

photos.delete('/photos/:id', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  const [deleted] = await query<Pick<PhotoRow, 'image'>>(
    'delete from photos where id = $1 and user_id = $2 returning image',
    [id, user.id],
  );
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
