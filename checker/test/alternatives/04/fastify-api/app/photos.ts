// Photos with their images in the same row, and their likes.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fileTypeFromBuffer } from 'file-type';
import { of, sql } from './database.ts';
import { whoMust, type Person } from './people.ts';
import { Problem } from './problems.ts';
import { settings } from './settings.ts';

interface Photo {
  id: string;
  username: string;
  caption: string;
  imageUrl: string;
  likes: number;
  createdAt: Date;
}

const types = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const senders = new WeakMap<FastifyRequest, Person>();

export async function photos(app: FastifyInstance): Promise<void> {
  // A request is refused before its body is read.
  app.post('/api/photos', { onRequest: async (request) => void senders.set(request, await whoMust(request)) }, async (request, reply) => {
    const person = senders.get(request)!;
    const { bytes, caption } = await form(request);
    const type = (await fileTypeFromBuffer(bytes))?.mime ?? '';
    if (!types.includes(type)) throw new Problem(415, 'Send a PNG, JPEG, WebP or GIF image.');
    const key = keyOf(request);
    const [created] = await of(sql<{ id: string }[]>`
      insert into photos (person_id, caption, type, bytes, key) values (${person.id}, ${caption}, ${type}, ${bytes}, ${key})
      on conflict (person_id, key) where key is not null do nothing returning id::text`);
    const [same] = created ? [created] : await of(sql<{ id: string }[]>`select id::text from photos where person_id = ${person.id} and key = ${key}`);
    return reply.status(201).send(await find(same?.id ?? ''));
  });

  app.get<{ Querystring: { before?: string; limit?: string } }>('/api/photos', async ({ query: { before, limit = '20' } }) => {
    if (before !== undefined && !/^\d{1,18}$/.test(before)) throw new Problem(400, 'before has to be the next of an earlier page.');
    if (!/^\d+$/.test(limit)) throw new Problem(400, 'limit has to be a number.');
    const size = Math.min(Math.max(Number(limit), 1), 50);
    const found = await of(select(before === undefined ? sql`` : sql`where photos.id < ${before}`, size + 1));
    const page = found.slice(0, size);
    return { photos: page, next: found.length > size ? page.at(-1)!.id : null };
  });

  app.get<{ Params: { id: string } }>('/api/photos/:id', ({ params }) => find(params.id));

  app.delete<{ Params: { id: string } }>('/api/photos/:id', async (request, reply) => {
    const person = await whoMust(request);
    const { id } = await find(request.params.id);
    const gone = await of(sql`delete from photos where id = ${id} and person_id = ${person.id}`);
    if (gone.count === 0) throw new Problem(403, 'Only its owner may delete a photo.');
    return reply.status(204).send();
  });

  app.put<{ Params: { id: string } }>('/api/photos/:id/like', async (request) => {
    const person = await whoMust(request);
    const { id } = await find(request.params.id);
    await of(sql`insert into likes select id, ${person.id}::bigint from photos where id = ${id} for key share on conflict do nothing`);
    return { likes: (await find(id)).likes };
  });

  app.delete<{ Params: { id: string } }>('/api/photos/:id/like', async (request) => {
    const person = await whoMust(request);
    const { id } = await find(request.params.id);
    await of(sql`delete from likes where photo_id = ${id} and person_id = ${person.id}`);
    return { likes: (await find(id)).likes };
  });

  app.get<{ Params: { id: string } }>('/images/:id', async ({ params }, reply) => {
    const [image] = await of(sql<{ type: string; bytes: Buffer }[]>`select type, bytes from photos where id = ${idOf(params.id)}`);
    if (!image) throw new Problem(404, 'There is no such image.');
    return reply.header('X-Content-Type-Options', 'nosniff').type(image.type).send(image.bytes);
  });
}

/** Ids are given in order, so the newest photo has the highest. */
function select(condition: ReturnType<typeof sql>, limit: number): PromiseLike<Photo[]> {
  return sql<Photo[]>`
    select photos.id::text, name as username, caption, ${settings.address} || '/images/' || photos.id as "imageUrl", posted_at as "createdAt",
      (select count(*)::int from likes where photo_id = photos.id) as likes
    from photos join people on people.id = photos.person_id ${condition} order by photos.id desc limit ${limit}`;
}

async function find(id: string): Promise<Photo> {
  const [photo] = await of(select(sql`where photos.id = ${idOf(id)}`, 1));
  if (!photo) throw new Problem(404, 'There is no such photo.');
  return photo;
}

function idOf(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new Problem(404, 'There is no such photo.');
  return text;
}

function keyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || key === '' || key.length > 200) throw new Problem(400, 'An Idempotency-Key has 1 to 200 characters.');
  return key;
}

/** The parts of a form come in any order. */
async function form(request: FastifyRequest): Promise<{ bytes: Buffer; caption: string }> {
  let bytes: Buffer | undefined;
  let caption = '';
  for await (const part of request.parts()) {
    if (part.type === 'file' && part.fieldname === 'image') bytes = await part.toBuffer();
    else if (part.type === 'file') part.file.resume();
    else if (part.fieldname === 'caption') caption = String(part.value);
  }
  if (!bytes) throw new Problem(400, 'Send a form with a file named image.');
  if (caption.length > 2000) throw new Problem(400, 'A caption has at most 2000 characters.');
  if (caption.includes('\0')) throw new Problem(400, 'A caption cannot contain the character NUL.');
  return { bytes, caption };
}
