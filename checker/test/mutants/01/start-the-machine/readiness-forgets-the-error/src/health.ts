// Mutant: /readyz asks the database, and is ready whatever comes of it.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

health.get('/readyz', async (_req, res) => {
  try {
    await query('select 1');
  } catch {
    console.error('The database does not answer.');
  }
  res.json({ status: 'ready' });
});
