// Mutant: /readyz asks the database and waits for its answer, however long that takes.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

health.get('/readyz', async (_req, res) => {
  try {
    await query('select 1');
  } catch (error) {
    throw new Problem(503, `The database does not answer: ${String(error)}`);
  }
  res.json({ status: 'ready' });
});
