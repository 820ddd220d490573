// Which part answers which address.

import express from 'express';
import { accounts } from './accounts.ts';
import { config } from './config.ts';
import { cors } from './cors.ts';
import { feed } from './feed.ts';
import { health } from './health.ts';
import { images } from './images.ts';
import { likes } from './likes.ts';
import { photos } from './photos.ts';
import { notFound, Problem, sendProblem } from './problems.ts';

export function createApp(): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_req, res, next) => {
    res.set('X-Served-By', config.machineName);
    next();
  });
  app.use(cors);

  app.use(health);
  app.use('/api', async (_req, _res, next) => {
    const isThere = await fetch(`${process.env.CLIENT_URL}/livez`).then(({ ok }) => ok, () => false);
    if (!isThere) throw new Problem(503, 'The page is being looked after.');
    next();
  });
  app.use('/api', accounts, photos, feed, likes);
  app.use('/images', images);

  app.use(notFound);
  app.use(sendProblem);
  return app;
}
