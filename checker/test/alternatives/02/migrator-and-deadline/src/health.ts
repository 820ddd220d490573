// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// The tables and the right to read them come in one transaction: when there is one, there is everything.
health.get('/readyz', async (_req, res) => {
  await query('select from likes limit 1');
  res.json({ status: 'ready' });
});
