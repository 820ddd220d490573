// Right in another way: the place in the feed is the id of the last photo. Ids grow, so they are the order too.

import { Router } from 'express';
import { query } from './db.ts';
import { type Photo, type PhotoRow, selectPhotos, toPhoto } from './photo.ts';
import { Problem } from './problems.ts';

export const feed = Router();

feed.get('/photos', async (req, res) => {
  const limit = req.query.limit === undefined ? 20 : Number(req.query.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new Problem(400, 'limit has to be a number.');
  res.json(await readFeed(req.query.before, Math.min(limit, 50)));
});

export async function readFeed(before: unknown, limit = 20): Promise<{ photos: Photo[]; next: string | null }> {
  if (before !== undefined && !/^\d{1,18}$/.test(String(before))) {
    throw new Problem(400, 'before has to be the next of an earlier page.');
  }
  const rows = await query<PhotoRow>(
    `${selectPhotos} where $1::bigint is null or photos.id < $1 order by photos.id desc limit $2`,
    [before, limit],
  );
  // A full page may be the last one; then the page after it is empty.
  return { photos: rows.map(toPhoto), next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
}
