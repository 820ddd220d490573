// Mutant: /readyz answers with what a timer saw, and the timer waits for the silent database for ever.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

const everyMs = 100;
let reason: string | undefined = 'nobody has asked the database yet';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});
health.get('/readyz', (_req, res) => {
  if (reason) throw new Problem(503, `The database does not answer: ${reason}`);
  res.json({ status: 'ready' });
});

async function look(): Promise<void> {
  try {
    await query('select 1');
    reason = undefined;
  } catch (error) {
    reason = String(error);
  }
  setTimeout(() => void look(), everyMs);
}

void look();
