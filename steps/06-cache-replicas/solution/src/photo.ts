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
 * Reads photos, newest first, and of which version of the feed they are. Both in one statement: a statement sees one moment, and
 * between two of them anything can happen. Where there is no photo, there still is a version.
 * @param which what follows `from photos`
 */
export async function readPhotos(run: Query, which: string, values: unknown[]): Promise<Shown<PhotoRow[]>> {
  const rows = await run<PhotoRow & { version: string }>(
    `select version, found.* from feed_version left join (
       select photos.id, username, caption, image, created_at as "createdAt",
         (select count(*)::int from likes where photo_id = photos.id) as likes
       from photos join users on users.id = user_id ${which}
     ) as found on true
     order by "createdAt" desc, id desc`,
    values,
  );
  return { version: Number(rows[0]?.version), value: rows.filter((row: { id: string | null }) => row.id !== null) };
}

/** The version alone. */
export async function readVersion(run: Query): Promise<number> {
  const [row] = await run<{ version: string }>('select version from feed_version');
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
