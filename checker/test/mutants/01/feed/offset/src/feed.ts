// Mutant: pages are counted from the newest photo, so every upload moves all of them.
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
/** A page is found by how many photos came before it. */
export async function readFeed(before: unknown, limit = defaultLimit): Promise<FeedPage> {
  const offset = before === undefined ? 0 : Number(before);
  if (!Number.isInteger(offset) || offset < 0) throw new Problem(400, 'before has to be the next of an earlier page.');
  const rows = await query<PhotoRow>(
    `${selectPhotos}
     order by created_at desc, photos.id desc
     limit $1 offset $2`,
    [limit + 1, offset],
  );
  return {
    photos: rows.slice(0, limit).map(toPhoto),
    next: rows.length > limit ? String(offset + limit) : null,
  };
}

function readLimit(value: unknown): number {
  if (value === undefined) return defaultLimit;
  if (typeof value !== 'string' || !/^\d+$/.test(value)) throw new Problem(400, 'limit has to be a number.');
  return Math.min(Math.max(Number(value), 1), highestLimit);
}
