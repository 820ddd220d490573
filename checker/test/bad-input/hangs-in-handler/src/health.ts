import { Router } from 'express';

export const health = Router();

health.get('/livez', () => {
  console.log('Somebody asks whether I live.');
});

health.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});
