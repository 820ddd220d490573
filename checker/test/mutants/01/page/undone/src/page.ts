// Mutant: exercise 1.5 as in the start state: the page shows no photos.
// The page: everything on it is written by this server, so it can be looked at without JavaScript.

import { Router } from 'express';
import { userOf } from './sessions.ts';
import { render } from './views.ts';

export const page = Router();

page.get('/', (req, res) => {
  res.send(render('page', { title: 'Graminsta', user: userOf(req) }));
});
