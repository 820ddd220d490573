// Who likes what: one like per user and photo.

import { Router } from 'express';
import { query } from './db.ts';
import { noSuchPhoto, photoId, readPhotos, readVersion } from './photo.ts';
import { tellPosition } from './position.ts';
import { requireUser } from './sessions.ts';

export const likes = Router();

// #region like
likes.put('/photos/:id/like', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  tellPosition(res, await readVersion(query));
  // The table's primary key keeps a second like out; there is no number to read, raise and write back.
  await query(
    `insert into likes (photo_id, user_id)
     select id, $2::bigint from photos where id = $1 for key share
     on conflict do nothing`,
    [id, user.id],
  );
  res.json({ likes: await countLikes(id) });
});
// #endregion

likes.delete('/photos/:id/like', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  tellPosition(res, await readVersion(query));
  await query('delete from likes where photo_id = $1 and user_id = $2', [id, user.id]);
  res.json({ likes: await countLikes(id) });
});

async function countLikes(id: string): Promise<number> {
  const { value } = await readPhotos(query, 'where photos.id = $1', [id]);
  const [photo] = value;
  if (!photo) throw noSuchPhoto();
  return photo.likes;
}
