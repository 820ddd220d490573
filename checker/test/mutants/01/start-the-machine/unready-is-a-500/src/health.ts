// Mutant: /readyz notices that the database is silent, and calls it a mistake of its own.
// For whoever watches the machine: is the process alive, and can it serve?

import { setTimeout as delay } from 'node:timers/promises';
import { Router } from 'express';
import { query } from './db.ts';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

health.get('/readyz', async (_req, res) => {
  await Promise.race([query('select 1'), delay(500).then(() => Promise.reject(new Error('nothing was heard for 500 ms')))]);
  res.json({ status: 'ready' });
});
