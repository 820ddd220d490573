import { Router } from 'express';

export const health = Router();
const megabyte = Buffer.alloc(1024 * 1024, 'live ');

health.get('/livez', (_req, res) => {
  let left = 1024;
  const send = (): void => {
    while (left > 0 && !res.destroyed) {
      left -= 1;
      if (!res.write(megabyte)) return void res.once('drain', send);
    }
    res.end();
  };
  send();
});

health.get('/readyz', (_req, res) => {
  res.json({ status: 'ready' });
});
