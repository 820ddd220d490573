// For whoever watches the machine: is the process alive, and can it serve?

import { setTimeout as delay } from 'node:timers/promises';
import { Router } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

const patienceMs = 500;

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// #region ready
health.get('/readyz', async (_req, res) => {
  try {
    await Promise.race([query('select 1'), tooLate()]);
  } catch (error) {
    throw new Problem(503, `The database does not answer: ${String(error)}`);
  }
  res.json({ status: 'ready' });
});
// #endregion

/** A database that says nothing at all is not ready either. */
async function tooLate(): Promise<never> {
  await delay(patienceMs);
  throw new Error(`nothing was heard for ${patienceMs} ms`);
}
