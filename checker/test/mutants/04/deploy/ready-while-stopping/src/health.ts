// Mutant: it finishes its work, and says until the end that it is ready.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Asked anew each time: a 503 with the reason while the database is away, and 200 as soon as it is back.
health.get('/readyz', async (_req, res) => {
  await query('select 1');
  res.json({ status: 'ready' });
});
