// Mutant: readiness is 200 for as long as the process runs.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { isMigrated } from './migrate.ts';
import { Problem } from './problems.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Asked anew each time: a 503 with the reason while the database is away, and 200 as soon as it is back.
health.get('/readyz', (_req, res) => {
  if (!isMigrated()) throw new Problem(503, 'The schema is not prepared yet.');
  res.json({ status: 'ready' });
});
