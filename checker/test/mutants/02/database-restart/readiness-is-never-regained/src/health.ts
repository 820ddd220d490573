// Mutant: once lost is taken for lost for ever.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

let wasReady = false;
let lost = false;

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Asked anew each time: a 503 with the reason while the database is away, and 200 as soon as it is back.
health.get('/readyz', async (_req, res) => {
  if (lost) throw new Problem(503, 'The database was lost.');
  try {
    await query('select 1');
    wasReady = true;
  } catch (error) {
    lost = wasReady;
    throw error;
  }
  res.json({ status: 'ready' });
});
