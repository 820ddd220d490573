// Photos and their likes.

import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { query } from './database.ts';
import { forget, keep } from './images.ts';
import { members, type Members } from './people.ts';
import { Problem } from './problems.ts';
import { settings } from './settings.ts';

interface Photo {
  id: string;
  username: string;
  caption: string;
  imageUrl: string;
  likes: number;
  createdAt: string;
}

const limitBytes = 5 * 1024 * 1024;
/** What a form has around the image. */
const formBytes = 64 * 1024;

const prefix = `${settings.self}/images/`;
const select = `
  select photos.id, name as username, caption, $1 || file as "imageUrl", posted_at as "createdAt",
    (select count(*)::int from likes where photo_id = photos.id) as likes
  from photos join people on people.id = photos.person_id`;

export const photos = new Hono<Members>();

const withinLimit = bodyLimit({
  maxSize: limitBytes + formBytes,
  onError: () => {
    throw tooLarge();
  },
});

photos.post('/', members, withinLimit, async (c) => {
  const { image, caption } = await form(c);
  const file = await keep(image);
  const [posted] = await query<{ id: string }>('insert into photos (person_id, caption, file) values ($1, $2, $3) returning id', [
    c.get('person').id,
    caption,
    file,
  ]);
  return c.json(await find(posted!.id), 201);
});

photos.get('/', async (c) => {
  const before = c.req.query('before');
  const limit = c.req.query('limit') ?? '20';
  if (before !== undefined && !/^\d{1,18}$/.test(before)) throw new Problem(400, 'before has to be the next of an earlier page.');
  if (!/^\d+$/.test(limit)) throw new Problem(400, 'limit has to be a number.');
  const size = Math.min(Math.max(Number(limit), 1), 50);
  // Ids are given in order, so the newest photo has the highest, and a page begins below the last id of the one before.
  const found = await query<Photo>(`${select} where $2::bigint is null or photos.id < $2 order by photos.id desc limit $3`, [prefix, before, size + 1]);
  const page = found.slice(0, size);
  return c.json({ photos: page, next: found.length > size ? page.at(-1)!.id : null });
});

photos.get('/:id', async (c) => c.json(await find(c.req.param('id'))));

photos.delete('/:id', members, async (c) => {
  const { id } = await find(c.req.param('id'));
  const [gone] = await query<{ file: string }>('delete from photos where id = $1 and person_id = $2 returning file', [id, c.get('person').id]);
  if (!gone) throw new Problem(403, 'Only its owner may delete a photo.');
  await forget(gone.file);
  return c.body(null, 204);
});

photos.put('/:id/like', members, async (c) => {
  const { id } = await find(c.req.param('id'));
  await query('insert into likes select id, $2::bigint from photos where id = $1 for key share on conflict do nothing', [id, c.get('person').id]);
  return c.json({ likes: (await find(id)).likes });
});

photos.delete('/:id/like', members, async (c) => {
  const { id } = await find(c.req.param('id'));
  await query('delete from likes where photo_id = $1 and person_id = $2', [id, c.get('person').id]);
  return c.json({ likes: (await find(id)).likes });
});

async function find(id: string): Promise<Photo> {
  const [photo] = /^\d{1,18}$/.test(id) ? await query<Photo>(`${select} where photos.id = $2`, [prefix, id]) : [];
  if (!photo) throw new Problem(404, 'There is no such photo.');
  return photo;
}

async function form(c: Context): Promise<{ image: Buffer; caption: string }> {
  const parts = await c.req.formData().catch(() => undefined);
  const image = parts?.get('image');
  const caption = parts?.get('caption') ?? '';
  if (!(image instanceof File)) throw new Problem(400, 'Send a form with a file named image.');
  if (image.size > limitBytes) throw tooLarge();
  if (typeof caption !== 'string' || caption.length > 2000) throw new Problem(400, 'A caption is a text of at most 2000 characters.');
  if (caption.includes('\0')) throw new Problem(400, 'A caption cannot contain the character NUL.');
  return { image: Buffer.from(await image.arrayBuffer()), caption };
}

function tooLarge(): Problem {
  return new Problem(413, 'An image has at most 5 MB.');
}
