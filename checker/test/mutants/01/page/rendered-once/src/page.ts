// Mutant: the page is rendered at the first visit and the same for everybody ever after.
// The page: everything on it is written by this server, so it can be looked at without JavaScript.

import { Router } from 'express';
import { readFeed } from './feed.ts';
import { likedBy } from './likes.ts';
import { userOf } from './sessions.ts';
import { render } from './views.ts';

export const page = Router();

let html: string | undefined;

page.get('/', async (req, res) => {
  if (html) {
    res.send(html);
    return;
  }
  const user = userOf(req);
  const { photos, next } = await readFeed(req.query.before);
  const liked = user ? await likedBy(user, photos) : new Set<string>();
  html = render('page', { title: 'Graminsta', user, photos, liked, next });
  res.send(html);
});
