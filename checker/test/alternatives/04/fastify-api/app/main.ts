// Right in another way: Fastify instead of Express, postgres.js instead of pg, a layout of its own under app/, images in
// the rows of their photos, log-ins counted one by one, and a drain that leaves the waiting to Fastify.

import multipart from '@fastify/multipart';
import Fastify from 'fastify';
import { setTimeout as delay } from 'node:timers/promises';
import { of, sql } from './database.ts';
import { isPrepared, keepMigrating } from './migrations.ts';
import { people } from './people.ts';
import { photos } from './photos.ts';
import { handleErrors, Problem } from './problems.ts';
import { settings } from './settings.ts';

let leaving = false;

// One balancer stands in front: what it wrote is believed, and nothing before it. (A number would trust nobody here.)
const app = Fastify({ trustProxy: (_address, hop) => hop === 0 });
handleErrors(app);

app.addHook('onRequest', async (request, reply) => {
  reply.headers({ 'X-Served-By': settings.machine, Vary: 'Origin' });
  if (leaving) reply.header('Connection', 'close');
  if (request.headers.origin !== settings.origin) return;
  reply.headers({ 'Access-Control-Allow-Origin': settings.origin, 'Access-Control-Expose-Headers': 'Retry-After, X-Served-By' });
  if (request.method !== 'OPTIONS') return;
  await reply
    .headers({ 'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE', 'Access-Control-Allow-Headers': 'Authorization, Content-Type, Idempotency-Key', 'Access-Control-Max-Age': '600' })
    .status(204)
    .send();
});

app.get('/livez', () => ({ status: 'alive' }));
app.get('/readyz', async () => {
  if (leaving || !isPrepared()) throw new Problem(503, leaving ? 'This machine is about to leave.' : 'The tables are not prepared yet.');
  await of(sql`select 1`);
  return { status: 'ready' };
});

await app.register(multipart, { limits: { fileSize: 5 * 1024 * 1024, files: 1, fields: 10 } });
await app.register(people, { prefix: '/api' });
await app.register(photos);
await app.listen({ host: settings.host, port: settings.port });
console.log(`The API listens on http://${settings.host}:${settings.port}`);

process.once('SIGTERM', async () => {
  leaving = true;
  await delay(1_200);
  // Takes nobody new, and waits for those who are being served.
  await app.close();
  await sql.end({ timeout: 1 });
  process.exit(0);
});

await keepMigrating();
