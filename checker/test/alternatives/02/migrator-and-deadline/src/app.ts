// Which part answers which address.

import { fileURLToPath } from 'node:url';
import express from 'express';
import { accounts } from './accounts.ts';
import { config } from './config.ts';
import { deadline } from './deadline.ts';
import { feed } from './feed.ts';
import { health } from './health.ts';
import { images } from './images.ts';
import { likes } from './likes.ts';
import { page } from './page.ts';
import { photos } from './photos.ts';
import { notFound, sendProblem } from './problems.ts';

const publicDir = fileURLToPath(new URL('../public', import.meta.url));

export function createApp(): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_req, res, next) => {
    res.set('X-Served-By', config.machineName);
    next();
  });

  app.use(deadline);

  app.use(health);
  app.use('/api', accounts, photos, feed, likes);
  app.use('/images', images);
  app.use(page);
  app.use(express.static(publicDir));

  app.use(notFound);
  app.use(sendProblem);
  return app;
}
