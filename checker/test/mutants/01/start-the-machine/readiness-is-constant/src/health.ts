// Mutant: /readyz says yes without asking the database.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Ready means that the database answers, too.
health.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});
