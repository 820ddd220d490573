// Which part answers which address.

import { fileURLToPath } from 'node:url';
import express from 'express';
import { accounts } from './accounts.ts';
import { config } from './config.ts';
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

  // Exercise 3.3: our page may read what comes from here, and no other page may.
  app.use(health);
  app.use('/api', accounts, photos, feed, likes);
  app.use('/images', images);
  // Exercise 3.1: the page is the work of another machine.
  app.use(page);
  app.use(express.static(publicDir));

  app.use(notFound);
  app.use(sendProblem);
  return app;
}
