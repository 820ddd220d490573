// Mutant: every request adds one, whoever sends it.
// Who likes what: one like per user and photo.

import { Router } from 'express';
import { query } from './db.ts';
import { noSuchPhoto, type Photo, photoId } from './photo.ts';
import { requireUser, type User } from './sessions.ts';

export const likes = Router();
likes.put('/photos/:id/like', async (req, res) => {
  requireUser(req);
  const id = photoId(req.params.id);
  await query('update photos set likes = likes + 1 where id = $1', [id]);
  res.json({ likes: await countLikes(id) });
});

likes.delete('/photos/:id/like', async (req, res) => {
  requireUser(req);
  const id = photoId(req.params.id);
  await query('update photos set likes = greatest(likes - 1, 0) where id = $1', [id]);
  res.json({ likes: await countLikes(id) });
});

async function countLikes(id: string): Promise<number> {
  const [photo] = await query<{ likes: number }>(
    'select likes from photos where id = $1',
    [id],
  );
  if (!photo) throw noSuchPhoto();
  return photo.likes;
}

/** Which of these photos a user likes. */
export async function likedBy(_user: User, _photos: Photo[]): Promise<Set<string>> {
  return new Set();
}
