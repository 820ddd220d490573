// Everything that is asked of the database, with npm's `postgres`: values in its templates are parameters.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { config } from './config.ts';

export interface User {
  id: string;
  username: string;
}

export interface Photo {
  id: string;
  username: string;
  caption: string;
  image: string;
  likes: number;
  createdAt: Date;
}

const sql = postgres({
  path: path.join(config.dataDir, 'postgres', '.s.PGSQL.5432'),
  user: 'graminsta',
  database: 'graminsta',
  onnotice: () => undefined,
});

const columns = sql`
  photos.id, username, caption, image, created_at as "createdAt",
  (select count(*)::int from likes where photo_id = photos.id) as likes`;

export async function migrate(): Promise<void> {
  await sql.unsafe(await readFile(new URL('./schema.sql', import.meta.url), 'utf8'));
}

export async function answersWithin(ms: number): Promise<void> {
  const tooLate = delay(ms).then(() => Promise.reject(new Error(`nothing was heard for ${ms} ms`)));
  await Promise.race([sql`select 1`, tooLate]);
}

/** Undefined when the name is taken. */
export async function createUser(username: string, passwordHash: string): Promise<User | undefined> {
  const [user] = await sql<User[]>`
    insert into users (username, password_hash) values (${username}, ${passwordHash})
    on conflict do nothing returning id, username`;
  return user;
}

export async function findUser(username: string): Promise<(User & { passwordHash: string }) | undefined> {
  const [user] = await sql<(User & { passwordHash: string })[]>`
    select id, username, password_hash as "passwordHash" from users where lower(username) = lower(${username})`;
  return user;
}

export async function addPhoto(userId: string, caption: string, image: string): Promise<Pick<Photo, 'id' | 'createdAt'>> {
  const [created] = await sql<Pick<Photo, 'id' | 'createdAt'>[]>`
    insert into photos (user_id, caption, image) values (${userId}, ${caption}, ${image})
    returning id, created_at as "createdAt"`;
  if (!created) throw new Error('The new photo was not returned.');
  return created;
}

export async function findPhoto(id: string): Promise<Photo | undefined> {
  const [photo] = await sql<Photo[]>`
    select ${columns} from photos join users on users.id = user_id where photos.id = ${id}`;
  return photo;
}

export function photosAfter(last: Pick<Photo, 'id' | 'createdAt'> | undefined, limit: number): Promise<Photo[]> {
  return sql<Photo[]>`
    select ${columns} from photos join users on users.id = user_id
    ${last ? sql`where (created_at, photos.id) < (${last.createdAt}, ${last.id})` : sql``}
    order by created_at desc, photos.id desc
    limit ${limit}`;
}

/** The name of the image; undefined when the photo is not theirs. */
export async function deletePhoto(id: string, userId: string): Promise<string | undefined> {
  const [deleted] = await sql<Pick<Photo, 'image'>[]>`
    delete from photos where id = ${id} and user_id = ${userId} returning image`;
  return deleted?.image;
}

export async function like(photoId: string, userId: string): Promise<void> {
  await sql`
    insert into likes (photo_id, user_id)
    select id, ${userId}::bigint from photos where id = ${photoId} for key share
    on conflict do nothing`;
}

export async function unlike(photoId: string, userId: string): Promise<void> {
  if (!/^\d{1,18}$/.test(photoId)) return;
  await sql`delete from likes where photo_id = ${photoId} and user_id = ${userId}`;
}

export async function likedBy(userId: string, photoIds: string[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    select photo_id as id from likes where user_id = ${userId} and photo_id in ${sql(photoIds.length > 0 ? photoIds : ['0'])}`;
  return new Set(rows.map(({ id }) => id));
}
