// Mutant: exercise 1.2 as in the start state: photos can be neither uploaded nor shown.
// One photo: upload, show, delete.

import { Router } from 'express';
import { Problem } from './problems.ts';

export const photos = Router();

// Exercise 1.2: take an image and a caption, show the photo, delete it for its owner.
photos.post('/photos', () => {
  throw new Problem(501, 'Photos cannot be uploaded yet.');
});

photos.get('/photos/:id', () => {
  throw new Problem(501, 'Photos cannot be shown yet.');
});

photos.delete('/photos/:id', () => {
  throw new Problem(501, 'Photos cannot be deleted yet.');
});
