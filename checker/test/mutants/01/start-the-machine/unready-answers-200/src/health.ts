// Mutant: /readyz notices that the database is silent, and says so with status 200.
// For whoever watches the machine: is the process alive, and can it serve?

import { setTimeout as delay } from 'node:timers/promises';
import { Router } from 'express';
import { query } from './db.ts';

const patienceMs = 500;

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});
health.get('/readyz', async (_req, res) => {
  try {
    await Promise.race([query('select 1'), tooLate()]);
  } catch (error) {
    res.json({ status: 'not ready', reason: String(error) });
    return;
  }
  res.json({ status: 'ready' });
});

/** A database that says nothing at all is not ready either. */
async function tooLate(): Promise<never> {
  await delay(patienceMs);
  throw new Error(`nothing was heard for ${patienceMs} ms`);
}
