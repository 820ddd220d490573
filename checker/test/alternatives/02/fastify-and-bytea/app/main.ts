// Right in another way: Fastify instead of Express, a layout of its own under app/, images in Postgres (bytea) so that
// nothing is left on the disk of this machine, and migrations that are tried again instead of locked.

import multipart from '@fastify/multipart';
import Fastify from 'fastify';
import { keepMigrating } from './migrations.ts';
import { pages } from './pages.ts';
import { people } from './people.ts';
import { photos } from './photos.ts';
import { handleErrors } from './problems.ts';
import { query } from './database.ts';
import { settings } from './settings.ts';

const app = Fastify();
app.addHook('onRequest', async (_request, reply) => {
  reply.header('X-Served-By', settings.machine);
});
handleErrors(app);

app.get('/livez', () => ({ status: 'alive' }));
app.get('/readyz', async () => {
  await query('select 1');
  return { status: 'ready' };
});

await app.register(multipart, { limits: { fileSize: 5 * 1024 * 1024, files: 1, fields: 10 } });
await app.register(people, { prefix: '/api' });
await app.register(photos);
await app.register(pages);
await app.listen({ host: settings.host, port: settings.port });
console.log(`Graminsta listens on http://${settings.host}:${settings.port}`);

await keepMigrating();
