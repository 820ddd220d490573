// Mutant: page and API are still one program on one machine.
// Which part answers which address.

import { fileURLToPath } from 'node:url';
import express from 'express';
import { accounts } from './accounts.ts';
import { config } from './config.ts';
import { cors } from './cors.ts';
import { feed } from './feed.ts';
import { health } from './health.ts';
import { images } from './images.ts';
import { likes } from './likes.ts';
import { photos } from './photos.ts';
import { notFound, sendProblem } from './problems.ts';

const files = fileURLToPath(new URL('../client', import.meta.url));

export function createApp(): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_req, res, next) => {
    res.set('X-Served-By', config.machineName);
    next();
  });
  app.use(cors);

  app.use(health);
  app.use('/api', accounts, photos, feed, likes);
  app.use('/images', images);

  app.get('/config.json', (_req, res) => {
    res.json({ apiUrl: config.publicUrl });
  });
  app.use(express.static(files));

  app.use(notFound);
  app.use(sendProblem);
  return app;
}
