// Right in another way: see schema.sql.

import { Problem } from './problems.ts';

export interface PhotoRow {
  id: string;
  username: string;
  caption: string;
  image: string;
  likes: number;
  createdAt: Date;
}

export interface Photo extends Omit<PhotoRow, 'image' | 'createdAt'> {
  imageUrl: string;
  createdAt: string;
}

export const selectPhotos = `
  select photos.id, username, caption, image, like_count as likes, created_at at time zone 'utc' as "createdAt"
  from photos join users on users.id = user_id`;

export function toPhoto({ image, createdAt, ...row }: PhotoRow): Photo {
  return { ...row, imageUrl: `/images/${image}`, createdAt: createdAt.toISOString() };
}

export function photoId(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw noSuchPhoto();
  return text;
}

export function noSuchPhoto(): Problem {
  return new Problem(404, 'There is no such photo.');
}
