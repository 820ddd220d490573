// Mutant: the cursor is a time, and of photos of the same time those that did not fit on the page are lost.
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
/** The page that follows a moment. */
export async function readFeed(before: unknown, limit = defaultLimit): Promise<FeedPage> {
  const moment = before === undefined ? undefined : new Date(String(before));
  if (moment && Number.isNaN(moment.getTime())) throw new Problem(400, 'before has to be the next of an earlier page.');
  const rows = await query<PhotoRow>(
    `${selectPhotos}
     where $1::timestamptz is null or created_at < $1
     order by created_at desc, photos.id desc
     limit $2`,
    [moment, limit + 1],
  );
  const page = rows.slice(0, limit);
  return {
    photos: page.map(toPhoto),
    next: rows.length > limit ? (page.at(-1)?.createdAt.toISOString() ?? null) : null,
  };
}

function readLimit(value: unknown): number {
  if (value === undefined) return defaultLimit;
  if (typeof value !== 'string' || !/^\d+$/.test(value)) throw new Problem(400, 'limit has to be a number.');
  return Math.min(Math.max(Number(value), 1), highestLimit);
}
