// Mutant: exercise 1.3 as in the start state: there is no feed.
// All photos, newest first, a page at a time.

import { Router } from 'express';
import type { Photo } from './photo.ts';
import { Problem } from './problems.ts';

export const feed = Router();

feed.get('/photos', () => {
  throw new Problem(501, 'There is no feed yet.');
});

/** What the page of exercise 1.5 shows. */
export async function readFeed(_before: unknown): Promise<{ photos: Photo[]; next: string | null }> {
  return { photos: [], next: null };
}
