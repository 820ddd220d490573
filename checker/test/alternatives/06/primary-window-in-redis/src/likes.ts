// Who likes what: one like per user and photo.

import { type Response, Router } from 'express';
import { query } from './db.ts';
import { noSuchPhoto, photoId, readPhotos } from './photo.ts';
import { tellPosition } from './position.ts';
import { requireUser } from './sessions.ts';

export const likes = Router();

// #region like
likes.put('/photos/:id/like', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  // The table's primary key keeps a second like out; there is no number to read, raise and write back.
  await query(
    `insert into likes (photo_id, user_id)
     select id, $2::bigint from photos where id = $1 for key share
     on conflict do nothing`,
    [id, user.id],
  );
  res.json({ likes: await countLikes(res, id) });
});
// #endregion

likes.delete('/photos/:id/like', async (req, res) => {
  const user = await requireUser(req);
  const id = photoId(req.params.id);
  await query('delete from likes where photo_id = $1 and user_id = $2', [id, user.id]);
  res.json({ likes: await countLikes(res, id) });
});

/** As the primary has it after the change, with the version that this is: whoever saw 7 likes must not see 6 on another machine. */
async function countLikes(res: Response, id: string): Promise<number> {
  const { version, value } = await readPhotos(query, 'where photos.id = $1', [id]);
  await tellPosition(res, version);
  const [photo] = value;
  if (!photo) throw noSuchPhoto();
  return photo.likes;
}
