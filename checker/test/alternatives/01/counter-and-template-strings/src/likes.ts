// Right in another way: who likes is kept beside a counter, and one statement changes both or neither.

import { Router } from 'express';
import { query } from './db.ts';
import { noSuchPhoto, photoId } from './photo.ts';
import { requireUser } from './sessions.ts';

export const likes = Router();

likes.put('/photos/:id/like', async (req, res) => {
  const user = requireUser(req);
  const id = photoId(req.params.id);
  // The photo is locked first: whoever deletes it meanwhile waits, or has been faster and there is nothing to like.
  await query(
    `with photo as (select id from photos where id = $1 for update),
       added as (insert into likers select id, $2::bigint from photo on conflict do nothing returning photo_id)
     update photos set like_count = like_count + 1 where id in (select photo_id from added)`,
    [id, user.id],
  );
  res.json({ likes: await count(id) });
});

likes.delete('/photos/:id/like', async (req, res) => {
  const user = requireUser(req);
  const id = photoId(req.params.id);
  await query(
    `with removed as (delete from likers where photo_id = $1 and user_id = $2 returning photo_id)
     update photos set like_count = like_count - 1 where id in (select photo_id from removed)`,
    [id, user.id],
  );
  res.json({ likes: await count(id) });
});

async function count(id: string): Promise<number> {
  const [photo] = await query<{ likes: number }>('select like_count as likes from photos where id = $1', [id]);
  if (!photo) throw noSuchPhoto();
  return photo.likes;
}
