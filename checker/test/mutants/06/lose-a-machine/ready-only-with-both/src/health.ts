// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { inTime } from './breaker.ts';
import { query, queryReplica } from './db.ts';
import { isDraining } from './drain.ts';
import { hasTriedToMigrate } from './migrate.ts';
import { readVersion } from './photo.ts';
import { Problem } from './problems.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// #region ready
// A silent primary must not keep the balancer waiting: after a second it takes the machine for dead.
const patienceMs = 500;

// Asked anew each time. One database is enough: without the primary the feed is still there, without the replica everything is. The
// cache is not asked, because nothing is missing without it. 503 with the reason when both are away, or this machine is about to stop.
health.get('/readyz', async (_req, res) => {
  if (isDraining()) throw new Problem(503, 'This machine is about to stop.');
  // It has only begun: in a moment it can do more than show the feed.
  if (!hasTriedToMigrate()) throw new Problem(503, 'This machine is about to begin.', { 'Retry-After': '1' });
  await inTime(Promise.all([query('select 1'), readVersion(queryReplica)]), patienceMs);
  res.json({ status: 'ready' });
});
// #endregion
