// What a photo is: in the database, and in the API.

import { config } from './config.ts';
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

/** Reads photos as `PhotoRow`; what is wanted of them follows. */
export const selectPhotos = `
  select photos.id, username, caption, image, created_at as "createdAt",
    (select count(*)::int from likes where photo_id = photos.id) as likes
  from photos join users on users.id = user_id`;

export function toPhoto({ image, createdAt, ...row }: PhotoRow): Photo {
  // Relative to the page, so that it leads everybody to the edge that their page came from.
  return { ...row, imageUrl: `${config.webOrigins[0]}/images/${image}`, createdAt: createdAt.toISOString() };
}

/** Checks an id from an address. One that is no number belongs to no photo. */
export function photoId(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw noSuchPhoto();
  return text;
}

export function noSuchPhoto(): Problem {
  return new Problem(404, 'There is no such photo.');
}
