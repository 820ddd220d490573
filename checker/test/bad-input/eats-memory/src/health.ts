import { Router } from 'express';

export const health = Router();
const kept: Buffer[] = [];

health.get('/livez', (_req, res) => {
  const eat = (): void => {
    kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
    setImmediate(eat);
  };
  eat();
  res.once('close', () => console.log('Nobody waits any more, and I go on.'));
});

health.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});
