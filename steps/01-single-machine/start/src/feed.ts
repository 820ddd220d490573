// All photos, newest first, a page at a time.

import { Router } from 'express';
import { Problem } from './problems.ts';

export const feed = Router();

// Exercise 1.3: who walks the pages sees each photo once, whatever is uploaded or deleted meanwhile.
feed.get('/photos', () => {
  throw new Problem(501, 'There is no feed yet.');
});
