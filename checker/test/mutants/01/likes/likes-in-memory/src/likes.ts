// Mutant: likes are kept in a Map: they are gone after a restart.
// Who likes what: one like per user and photo.

import { Router } from 'express';
import { query } from './db.ts';
import { likers, noSuchPhoto, type Photo, photoId } from './photo.ts';
import { requireUser, type User } from './sessions.ts';

export const likes = Router();

likes.put('/photos/:id/like', async (req, res) => {
  const user = requireUser(req);
  const liked = await likersOf(photoId(req.params.id));
  liked.add(user.id);
  res.json({ likes: liked.size });
});

likes.delete('/photos/:id/like', async (req, res) => {
  const user = requireUser(req);
  const liked = await likersOf(photoId(req.params.id));
  liked.delete(user.id);
  res.json({ likes: liked.size });
});

async function likersOf(id: string): Promise<Set<string>> {
  const found = await query('select 1 from photos where id = $1', [id]);
  if (found.length === 0) throw noSuchPhoto();
  const liked = likers.get(id) ?? new Set<string>();
  likers.set(id, liked);
  return liked;
}

/** Which of these photos a user likes. */
export async function likedBy(user: User, photos: Photo[]): Promise<Set<string>> {
  return new Set(photos.map(({ id }) => id).filter((id) => likers.get(id)?.has(user.id)));
}
