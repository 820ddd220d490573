// Right in another way: Hono instead of Express, with the cors that comes with it, and tokens in a table.

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { prepare, query } from './database.ts';
import { images } from './images.ts';
import { people } from './people.ts';
import { photos } from './photos.ts';
import { handleErrors, nothingThere } from './problems.ts';
import { settings } from './settings.ts';

const app = new Hono();

app.use(async (c, next) => {
  c.header('X-Served-By', settings.machine);
  await next();
});
app.use(
  cors({
    origin: settings.page,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type'],
    exposeHeaders: ['Retry-After', 'X-Served-By'],
    maxAge: 3600,
  }),
);

app.get('/livez', (c) => c.json({ status: 'alive' }));
app.get('/readyz', async (c) => {
  await query('select 1');
  return c.json({ status: 'ready' });
});
app.route('/api', people);
app.route('/api/photos', photos);
app.route('/images', images);
app.notFound(nothingThere);
app.onError(handleErrors);

serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, ({ port }) => {
  console.log(`The API listens on port ${port}`);
});

await prepare();
