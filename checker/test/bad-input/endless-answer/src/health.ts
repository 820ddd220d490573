import { Router } from 'express';

export const health = Router();

health.get('/livez', (_req, res) => {
  console.log('I have a lot to say.');
  const timer = setInterval(() => res.write('and '), 20);
  res.once('close', () => clearInterval(timer));
});

health.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});
