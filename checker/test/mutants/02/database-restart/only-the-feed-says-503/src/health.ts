// Mutant: everything knows that a wait has an end, and only the feed that the database can be lost; the rest answers 500.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { DatabaseUnavailable, query } from './db.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Asked anew each time: a 503 with the reason while the database is away, and 200 as soon as it is back.
health.get('/readyz', async (_req, res) => {
  await query('select 1').catch((error: unknown) => {
    throw new DatabaseUnavailable(String(error));
  });
  res.json({ status: 'ready' });
});
