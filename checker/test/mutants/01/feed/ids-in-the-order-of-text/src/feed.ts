// Mutant: the feed is ordered by the id as text: photo 9 is newer than photo 10.
// All photos, newest first, a page at a time.

import { Router } from 'express';
import { query } from './db.ts';
import { type Photo, type PhotoRow, selectPhotos, toPhoto } from './photo.ts';
import { Problem } from './problems.ts';

export interface FeedPage {
  photos: Photo[];
  /** Where the next page begins; null on the last one. */
  next: string | null;
}

const defaultLimit = 20;
const highestLimit = 50;

export const feed = Router();

feed.get('/photos', async (req, res) => {
  res.json(await readFeed(req.query.before, readLimit(req.query.limit)));
});
/** The page that follows a photo. */
export async function readFeed(before: unknown, limit = defaultLimit): Promise<FeedPage> {
  if (before !== undefined && !/^\d{1,18}$/.test(String(before))) throw new Problem(400, 'before has to be the next of an earlier page.');
  const rows = await query<PhotoRow>(
    `${selectPhotos}
     where $1::text is null or photos.id::text < $1
     order by photos.id::text desc
     limit $2`,
    [before, limit + 1],
  );
  const page = rows.slice(0, limit);
  return {
    photos: page.map(toPhoto),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

function readLimit(value: unknown): number {
  if (value === undefined) return defaultLimit;
  if (typeof value !== 'string' || !/^\d+$/.test(value)) throw new Problem(400, 'limit has to be a number.');
  return Math.min(Math.max(Number(value), 1), highestLimit);
}
