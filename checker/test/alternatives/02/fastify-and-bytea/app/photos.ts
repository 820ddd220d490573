// Photos, their images and their likes. A photo and its image are one statement, so there is never one without the other.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fileTypeFromBuffer } from 'file-type';
import { query } from './database.ts';
import { who, whoMust } from './people.ts';
import { Problem } from './problems.ts';

export interface Photo {
  id: string;
  username: string;
  caption: string;
  imageUrl: string;
  likes: number;
  createdAt: string;
}

export interface Feed {
  photos: Photo[];
  next: string | null;
}

const types = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** Ids are given in order, so the newest photo has the highest, and a page begins below the last id of the one before. */
const select = `
  select photos.id, name as username, caption, '/images/' || photos.id as "imageUrl", posted_at as "createdAt",
    (select count(*)::int from likes where photo_id = photos.id) as likes
  from photos join people on people.id = photos.person_id`;

export async function photos(app: FastifyInstance): Promise<void> {
  app.post('/api/photos', { onRequest: async (request) => void whoMust(request) }, async (request, reply) => {
    const person = whoMust(request);
    const { bytes, caption } = await form(request);
    const type = (await fileTypeFromBuffer(bytes))?.mime ?? '';
    if (!types.includes(type)) throw new Problem(415, 'Send a PNG, JPEG, WebP or GIF image.');
    const [photo] = await query<Photo>(
      `with photo as (insert into photos (person_id, caption) values ($1, $2) returning *),
        image as (insert into images (photo_id, type, bytes) select id, $3, $4 from photo)
       select id, $5::text as username, caption, '/images/' || id as "imageUrl", 0 as likes, posted_at as "createdAt" from photo`,
      [person.id, caption, type, bytes, person.username],
    );
    return reply.status(201).send(photo);
  });

  app.get<{ Querystring: { before?: unknown; limit?: unknown } }>('/api/photos', ({ query: { before, limit } }) => feed(before, limit));

  app.get<{ Params: { id: string } }>('/api/photos/:id', ({ params }) => find(params.id));

  app.delete<{ Params: { id: string } }>('/api/photos/:id', async (request, reply) => {
    const person = whoMust(request);
    const { id } = await find(request.params.id);
    const gone = await query('delete from photos where id = $1 and person_id = $2 returning id', [id, person.id]);
    if (gone.length === 0) throw new Problem(403, 'Only its owner may delete a photo.');
    return reply.status(204).send();
  });

  app.put<{ Params: { id: string } }>('/api/photos/:id/like', async (request) => {
    const person = whoMust(request);
    const { id } = await find(request.params.id);
    await query('insert into likes select id, $2::bigint from photos where id = $1 for key share on conflict do nothing', [id, person.id]);
    return { likes: (await find(id)).likes };
  });

  app.delete<{ Params: { id: string } }>('/api/photos/:id/like', async (request) => {
    const person = whoMust(request);
    const { id } = await find(request.params.id);
    await query('delete from likes where photo_id = $1 and person_id = $2', [id, person.id]);
    return { likes: (await find(id)).likes };
  });

  app.get<{ Params: { id: string } }>('/images/:id', async ({ params }, reply) => {
    const [image] = await query<{ type: string; bytes: Buffer }>('select type, bytes from images where photo_id = $1', [idOf(params.id)]);
    if (!image) throw new Problem(404, 'There is no such image.');
    return reply.header('X-Content-Type-Options', 'nosniff').type(image.type).send(image.bytes);
  });
}

export async function feed(before: unknown, limit: unknown = '20'): Promise<Feed> {
  if (before !== undefined && !/^\d{1,18}$/.test(String(before))) throw new Problem(400, 'before has to be the next of an earlier page.');
  if (!/^\d+$/.test(String(limit))) throw new Problem(400, 'limit has to be a number.');
  const size = Math.min(Math.max(Number(limit), 1), 50);
  const found = await query<Photo>(`${select} where $1::bigint is null or photos.id < $1 order by photos.id desc limit $2`, [before, size + 1]);
  const page = found.slice(0, size);
  return { photos: page, next: found.length > size ? page.at(-1)!.id : null };
}

/** Which photos somebody likes. */
export async function likedBy(request: FastifyRequest, shown: Photo[]): Promise<Set<string>> {
  const person = who(request);
  if (!person) return new Set();
  const rows = await query<{ id: string }>('select photo_id as id from likes where person_id = $1 and photo_id = any($2::bigint[])', [
    person.id,
    shown.map(({ id }) => id),
  ]);
  return new Set(rows.map(({ id }) => id));
}

async function find(id: string): Promise<Photo> {
  const [photo] = await query<Photo>(`${select} where photos.id = $1`, [idOf(id)]);
  if (!photo) throw new Problem(404, 'There is no such photo.');
  return photo;
}

function idOf(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new Problem(404, 'There is no such photo.');
  return text;
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
