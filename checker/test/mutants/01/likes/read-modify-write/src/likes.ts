// Mutant: the count is read, raised and written back: who reads in between overwrites.
// Who likes what: one like per user and photo.

import { Router } from 'express';
import { query } from './db.ts';
import { noSuchPhoto, type Photo, photoId } from './photo.ts';
import { requireUser, type User } from './sessions.ts';

export const likes = Router();
likes.put('/photos/:id/like', async (req, res) => {
  const user = requireUser(req);
  const id = photoId(req.params.id);
  const before = await countLikes(id);
  const liked = await query(
    'insert into likers (photo_id, user_id) values ($1, $2) on conflict do nothing returning photo_id',
    [id, user.id],
  );
  if (liked.length > 0) await query('update photos set likes = $2 where id = $1', [id, before + 1]);
  res.json({ likes: await countLikes(id) });
});

likes.delete('/photos/:id/like', async (req, res) => {
  const user = requireUser(req);
  const id = photoId(req.params.id);
  const before = await countLikes(id);
  const unliked = await query('delete from likers where photo_id = $1 and user_id = $2 returning photo_id', [id, user.id]);
  if (unliked.length > 0) await query('update photos set likes = $2 where id = $1', [id, before - 1]);
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
export async function likedBy(user: User, photos: Photo[]): Promise<Set<string>> {
  const rows = await query<{ id: string }>(
    'select photo_id as id from likers where user_id = $1 and photo_id = any($2::bigint[])',
    [user.id, photos.map((photo) => photo.id)],
  );
  return new Set(rows.map((row) => row.id));
}
