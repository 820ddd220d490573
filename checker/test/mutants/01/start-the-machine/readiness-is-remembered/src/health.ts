// Mutant: /readyz asks the database until it says yes once, and never again.
// For whoever watches the machine: is the process alive, and can it serve?

import { setTimeout as delay } from 'node:timers/promises';
import { Router } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

const patienceMs = 500;

export const health = Router();
let ready = false;

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});
health.get('/readyz', async (_req, res) => {
  try {
    if (!ready) await Promise.race([query('select 1'), tooLate()]);
    ready = true;
  } catch (error) {
    throw new Problem(503, `The database does not answer: ${String(error)}`);
  }
  res.json({ status: 'ready' });
});

/** A database that says nothing at all is not ready either. */
async function tooLate(): Promise<never> {
  await delay(patienceMs);
  throw new Error(`nothing was heard for ${patienceMs} ms`);
}
