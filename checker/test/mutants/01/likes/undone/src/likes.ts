// Mutant: exercise 1.4 as in the start state: photos cannot be liked.
// Who likes what: one like per user and photo.

import { Router } from 'express';
import type { Photo } from './photo.ts';
import { Problem } from './problems.ts';
import type { User } from './sessions.ts';

export const likes = Router();

likes.put('/photos/:id/like', () => {
  throw new Problem(501, 'Photos cannot be liked yet.');
});

likes.delete('/photos/:id/like', () => {
  throw new Problem(501, 'Photos cannot be unliked yet.');
});

/** What the page of exercise 1.5 asks. */
export async function likedBy(_user: User, _photos: Photo[]): Promise<Set<string>> {
  return new Set();
}
