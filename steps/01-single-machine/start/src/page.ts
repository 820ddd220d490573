// The page: everything on it is written by this server, so it can be looked at without JavaScript.

import { Router } from 'express';
import { userOf } from './sessions.ts';
import { render } from './views.ts';

export const page = Router();

// Exercise 1.5: give the page its photos.
page.get('/', (req, res) => {
  res.send(render('page', { title: 'Graminsta', user: userOf(req) }));
});
