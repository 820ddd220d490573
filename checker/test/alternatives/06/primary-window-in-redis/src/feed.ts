// All photos, newest first, a page at a time.

import { Router } from 'express';
import type { Query } from './db.ts';
import { type Photo, readPhotos, toPhoto } from './photo.ts';
import { positionOf, tellPosition } from './position.ts';
import { Problem } from './problems.ts';
import type { Shown } from './cache.ts';
import { show } from './shown.ts';

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

feed.get('/photos', async (req, res) => {
  const { before } = req.query;
  const limit = readLimit(req.query.limit);
  const cursor = before === undefined ? undefined : decodeCursor(before);
  // The same for everybody, so no name of a user is part of the key. The number is that of the format: after a change of what a
  // page looks like, machines of before and after use the same cache for a while.
  const key = `feed:1:${limit}:${cursor ? encodeCursor(cursor) : ''}`;
  const { version, value } = await show(key, await positionOf(req), (run) => readFeed(run, cursor, limit));
  await tellPosition(res, version);
  res.json(value);
});

// #region keyset
/**
 * The page that follows a cursor. It is found by where the last photo stood and not by counting, so photos that
 * come and go meanwhile move nothing. Photos of the same moment are told apart by their id.
 */
async function readFeed(run: Query, cursor: Cursor | undefined, limit: number): Promise<Shown<FeedPage>> {
  const { version, value: rows } = await readPhotos(
    run,
    `where $1::timestamptz is null or (created_at, photos.id) < ($1, $2::bigint)
     order by created_at desc, photos.id desc
     limit $3`,
    [cursor?.createdAt, cursor?.id, limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  // One row more than asked for tells whether there is another page.
  return { version, value: { photos: page.map(toPhoto), next: last && rows.length > limit ? encodeCursor(last) : null } };
}

function encodeCursor({ createdAt, id }: Cursor): string {
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
