// The page: everything on it is written by this server, so it can be looked at without JavaScript.

import { Router } from 'express';
import { readFeed } from './feed.ts';
import { likedBy } from './likes.ts';
import { userOf } from './sessions.ts';
import { render } from './views.ts';

export const page = Router();

page.get('/', async (req, res) => {
  const user = userOf(req);
  const { photos, next } = await readFeed(req.query.before);
  const liked = user ? await likedBy(user, photos) : new Set<string>();
  res.send(render('page', { title: 'Graminsta', user, photos, liked, next }));
});
