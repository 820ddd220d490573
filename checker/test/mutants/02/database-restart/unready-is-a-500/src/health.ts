// Mutant: readiness answers 500 when the database is gone.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Asked anew each time: a 503 with the reason while the database is away, and 200 as soon as it is back.
health.get('/readyz', async (_req, res) => {
  await query('select 1').catch((error: unknown) => {
    throw new Problem(500, `The database does not answer: ${String(error)}`);
  });
  res.json({ status: 'ready' });
});
