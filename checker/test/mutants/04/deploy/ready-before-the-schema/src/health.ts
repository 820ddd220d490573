// Mutant: it says that it is ready as soon as it listens, and refuses everybody until the schema is prepared.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { isDraining } from './drain.ts';
import { Problem } from './problems.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Asked anew each time: a 503 with the reason while the database is away or this machine is about to stop, and 200 as soon as all is well.
health.get('/readyz', (_req, res) => {
  if (isDraining()) throw new Problem(503, 'This machine is about to stop.');
  res.json({ status: 'ready' });
});
