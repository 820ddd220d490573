// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query, queryReplica } from './db.ts';
import { isDraining } from './drain.ts';
import { readVersion } from './photo.ts';
import { Problem } from './problems.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// #region ready
health.get('/readyz', async (_req, res) => {
  if (isDraining()) throw new Problem(503, 'This machine is about to stop.');
  await query('select 1');
  await readVersion(queryReplica);
  res.json({ status: 'ready' });
});
// #endregion
