import { Router } from 'express';

export const feed = Router();

feed.get('/photos', (_req, res) => {
  res.type('html').send('<!doctype html><h1>Photos</h1>');
});

export function readFeed(): Promise<{ photos: []; next: null }> {
  return Promise.resolve({ photos: [], next: null });
}
