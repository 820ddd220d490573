// Who likes what: one like per user and photo.

import { Router } from 'express';
import { Problem } from './problems.ts';

export const likes = Router();

// Exercise 1.4: one like per user, however often and however many at once they press.
likes.put('/photos/:id/like', () => {
  throw new Problem(501, 'Photos cannot be liked yet.');
});

likes.delete('/photos/:id/like', () => {
  throw new Problem(501, 'Photos cannot be unliked yet.');
});
