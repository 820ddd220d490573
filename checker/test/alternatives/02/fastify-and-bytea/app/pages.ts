// The page, with the step's own templates and files.

import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { render } from '../src/views.ts';
import { feed, likedBy } from './photos.ts';
import { who } from './people.ts';

const files = { 'app.css': 'text/css', 'app.js': 'text/javascript' };

export async function pages(app: FastifyInstance): Promise<void> {
  app.get<{ Querystring: { before?: unknown } }>('/', async (request, reply) => {
    const { photos, next } = await feed(request.query.before);
    const shown = photos.map((photo) => ({ ...photo, createdAt: new Date(photo.createdAt).toISOString() }));
    const liked = await likedBy(request, photos);
    return reply.type('text/html').send(render('page', { title: 'Graminsta', user: who(request), photos: shown, liked, next }));
  });

  for (const [name, type] of Object.entries(files)) {
    const file = new URL(`../public/${name}`, import.meta.url);
    app.get(`/${name}`, async (_request, reply) => reply.type(type).send(await readFile(file)));
  }
}
