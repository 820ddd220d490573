// Mutant: exercise 1.1 as in the start state: no database, a schema that can be applied once, readiness that asks nobody.
// For whoever watches the machine: is the process alive, and can it serve?

import { Router } from 'express';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' });
});

// Exercise 1.1: ready means that the database answers, too.
health.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});
