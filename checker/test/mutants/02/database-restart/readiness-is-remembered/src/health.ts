// Mutant: once ready is taken for always ready.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';

let ready = false;

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Asked anew each time: a 503 with the reason while the database is away, and 200 as soon as it is back.
health.get('/readyz', async (_req, res) => {
  if (!ready) await query('select 1');
  ready = true;
  res.json({ status: 'ready' });
});
