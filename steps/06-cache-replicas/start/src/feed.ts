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

interface Cursor {
  createdAt: Date;
  id: string;
}

const defaultLimit = 20;
const highestLimit = 50;

export const feed = Router();

// Exercise 6.1: the same page is read from the database for every reader.
// Exercise 6.5: readers need not ask the database that takes the changes.
// Exercise 6.6: whoever has just changed something has to see it, and the replica may not have it yet.
feed.get('/photos', async (req, res) => {
  res.json(await readFeed(req.query.before, readLimit(req.query.limit)));
});

// #region keyset
/**
 * The page that follows a cursor. It is found by where the last photo stood and not by counting, so photos that
 * come and go meanwhile move nothing. Photos of the same moment are told apart by their id.
 */
export async function readFeed(before: unknown, limit = defaultLimit): Promise<FeedPage> {
  const cursor = before === undefined ? undefined : decodeCursor(before);
  const rows = await query<PhotoRow>(
    `${selectPhotos}
     where $1::timestamptz is null or (created_at, photos.id) < ($1, $2::bigint)
     order by created_at desc, photos.id desc
     limit $3`,
    [cursor?.createdAt, cursor?.id, limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    photos: page.map(toPhoto),
    // One row more than asked for tells whether there is another page.
    next: last && rows.length > limit ? encodeCursor(last) : null,
  };
}

function encodeCursor({ createdAt, id }: PhotoRow): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}
// #endregion

function decodeCursor(value: unknown): Cursor {
  const [, time, id] = /^(\d{1,13})\.(\d{1,18})$/.exec(Buffer.from(String(value), 'base64url').toString()) ?? [];
  if (!time || !id) throw new Problem(400, 'before has to be the next of an earlier page.');
  return { createdAt: new Date(Number(time)), id };
}

function readLimit(value: unknown): number {
  if (value === undefined) return defaultLimit;
  if (typeof value !== 'string' || !/^\d+$/.test(value)) throw new Problem(400, 'limit has to be a number.');
  return Math.min(Math.max(Number(value), 1), highestLimit);
}
