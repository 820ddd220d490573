// What a photo is: in the database, and in the API.

import type { Shown } from './cache.ts';
import type { Query } from './db.ts';
import { Problem } from './problems.ts';

/** A row of `photos`, with what the API needs to know beside it. */
export interface PhotoRow {
  id: string;
  username: string;
  caption: string;
  image: string;
  likes: number;
  createdAt: Date;
}

export interface Photo {
  id: string;
  username: string;
  caption: string;
  imageUrl: string;
  likes: number;
  createdAt: string;
}

// #region read
/**
 * Where a database is in its log, in bytes: the primary after what it wrote, a replica after what it shows. The number is never too
 * low for what the same statement sees, because every statement sees what was there when it began.
 */
const positionNow = `(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end - '0/0'::pg_lsn)::text`;

/**
 * Reads photos, newest first, and how far one has seen who has seen them. Where there is no photo, there still is a position.
 * @param which what follows `from photos`
 */
export async function readPhotos(run: Query, which: string, values: unknown[]): Promise<Shown<PhotoRow[]>> {
  const rows = await run<PhotoRow & { version: string }>(
    `select ${positionNow} as version, found.* from (select) as here left join (
       select photos.id, username, caption, image, created_at as "createdAt",
         (select count(*)::int from likes where photo_id = photos.id) as likes
       from photos join users on users.id = user_id ${which}
     ) as found on true
     order by "createdAt" desc, id desc`,
    values,
  );
  return { version: Math.max(...rows.map(({ version }) => Number(version))), value: rows.filter((row: { id: string | null }) => row.id !== null) };
}

/** The position alone. What is read from the same database afterwards has all that was committed up to there. */
export async function readVersion(run: Query): Promise<number> {
  const [row] = await run<{ version: string }>(`select ${positionNow} as version`);
  return Number(row?.version);
}
// #endregion

export function toPhoto({ id, username, caption, image, likes, createdAt }: PhotoRow): Photo {
  // Relative to the page, so that it leads everybody to the edge that their page came from.
  return { id, username, caption, imageUrl: `/images/${image}`, likes, createdAt: createdAt.toISOString() };
}

/** Checks an id from an address. One that is no number belongs to no photo. */
export function photoId(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw noSuchPhoto();
  return text;
}

export function noSuchPhoto(): Problem {
  return new Problem(404, 'There is no such photo.');
}
