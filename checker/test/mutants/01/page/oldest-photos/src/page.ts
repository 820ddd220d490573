// Mutant: the page shows the oldest photos, and a new one is not on it.
// The page: everything on it is written by this server, so it can be looked at without JavaScript.

import { Router } from 'express';
import { query } from './db.ts';
import { likedBy } from './likes.ts';
import { type PhotoRow, selectPhotos, toPhoto } from './photo.ts';
import { userOf } from './sessions.ts';
import { render } from './views.ts';

export const page = Router();

page.get('/', async (req, res) => {
  const user = userOf(req);
  const rows = await query<PhotoRow>(`${selectPhotos} order by created_at, photos.id limit 5`);
  const photos = rows.map(toPhoto);
  const liked = user ? await likedBy(user, photos) : new Set<string>();
  res.send(render('page', { title: 'Graminsta', user, photos, liked, next: null }));
});
