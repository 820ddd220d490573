// Mutant: whatever the API does not know it answers with the page, as a server of a single-page app does.
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

  // Addresses of views are known to the page alone.
  app.get('/{*path}', (_req, res) => {
    res.sendFile('index.html', { root: files });
  });
  app.use(notFound);
  app.use(sendProblem);
  return app;
}
