// Which part answers which address.

import express from 'express';
import { accounts } from './accounts.ts';
import { config } from './config.ts';
import { cors } from './cors.ts';
import { drainable } from './drain.ts';
import { feed } from './feed.ts';
import { health } from './health.ts';
import { images } from './images.ts';
import { likes } from './likes.ts';
import { photos } from './photos.ts';
import { notFound, sendProblem } from './problems.ts';

export function createApp(): express.Express {
  const app = express();
  app.disable('x-powered-by');
  // One machine stands in front of this one, and it wrote the last entry of X-Forwarded-For. Those before it anybody may have made up.
  app.set('trust proxy', 1);
  app.use((_req, res, next) => {
    // Who asks with a token gets what is theirs, and the feed is another one each moment. What may be kept says so: images.
    res.set({ 'X-Served-By': config.machineName, 'Cache-Control': 'no-store' });
    next();
  });
  app.use(drainable);
  app.use(cors(config.webOrigins));

  app.use(health);
  app.use('/api', accounts, photos, feed, likes);
  app.use('/images', images);

  app.use(notFound);
  app.use(sendProblem);
  return app;
}
