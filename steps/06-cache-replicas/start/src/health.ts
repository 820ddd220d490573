// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';
import { isDraining } from './drain.ts';
import { Problem } from './problems.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Exercise 6.7: without the primary, the feed can still be shown.
// #region ready
// Asked anew each time: a 503 with the reason while the database is away or this machine is about to stop, and 200 as soon as all is well.
health.get('/readyz', async (_req, res) => {
  if (isDraining()) throw new Problem(503, 'This machine is about to stop.');
  await query('select 1');
  res.json({ status: 'ready' });
});
// #endregion
