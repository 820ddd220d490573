import { Router } from 'express';

export const health = Router();

health.get('/livez', (_req, res) => {
  res.json({ status: 'alive' );
});
