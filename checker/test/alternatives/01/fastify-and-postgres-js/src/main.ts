// Right in another way: Fastify and @fastify/multipart instead of Express and multer, `postgres` instead of `pg`.
// The images are files as in the reference solution; tables and templates are the step's own.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import multipart from '@fastify/multipart';
import { parse, serialize } from 'cookie';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { fileTypeFromBuffer } from 'file-type';
import { config } from './config.ts';
import { imageFile, limitBytes, removeImage, saveImage } from './files.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { Problem } from './problems.ts';
import * as store from './store.ts';
import { render } from './views.ts';

interface Session {
  user: store.User;
  expiresAt: number;
}

const cookieName = 'graminsta-01';
const lifetimeSeconds = 7 * 24 * 60 * 60;
const mimeTypes: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif' };
const sessions = new Map<string, Session>();
const nobodysHash = hashPassword('');

const app = fastify({ forceCloseConnections: true });
await app.register(multipart, { limits: { fileSize: limitBytes, files: 1, fields: 10, fieldSize: 16 * 1024 } });

app.addHook('onRequest', async (_request, reply) => {
  reply.header('X-Served-By', config.machineName);
});

app.setNotFoundHandler((request) => {
  throw new Problem(404, `There is nothing at ${request.url}.`);
});

app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
  const status = error instanceof Problem ? error.status : (error.statusCode ?? 500);
  if (status >= 500 && !(error instanceof Problem)) console.error(error);
  const detail = status >= 500 && !(error instanceof Problem) ? 'Something went wrong on our side.' : error.message;
  return reply
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ title: STATUS_CODES[status] ?? 'Error', status, detail }));
});

app.get('/livez', async () => ({ status: 'alive' }));

app.get('/readyz', async () => {
  try {
    await store.answersWithin(500);
  } catch (error) {
    throw new Problem(503, `The database does not answer: ${String(error)}`);
  }
  return { status: 'ready' };
});

// Accounts

app.post('/api/users', async (request, reply) => {
  const { username, password } = credentials(request.body);
  if (!/^[a-z0-9_.-]{3,30}$/i.test(username)) throw new Problem(400, 'A username has 3 to 30 letters, digits, dots, dashes or underscores.');
  if (password.length < 8 || password.length > 200) throw new Problem(400, 'A password has 8 to 200 characters.');
  const user = await store.createUser(username, await hashPassword(password));
  if (!user) throw new Problem(409, `The name ${username} is taken.`);
  startSession(reply, user);
  return reply.status(201).send({ user });
});

app.post('/api/sessions', async (request, reply) => {
  const { username, password } = credentials(request.body);
  const found = await store.findUser(username);
  const correct = await verifyPassword(password, found?.passwordHash ?? (await nobodysHash));
  if (!found || !correct) throw new Problem(401, 'The username or the password is wrong.');
  const user = { id: found.id, username: found.username };
  startSession(reply, user);
  return reply.status(201).send({ user });
});

app.delete('/api/sessions', async (request, reply) => {
  sessions.delete(sessionId(request));
  return reply.header('Set-Cookie', serialize(cookieName, '', { httpOnly: true, sameSite: 'lax', path: '/', maxAge: 0 })).status(204).send();
});

app.get('/api/me', async (request) => ({ user: requireUser(request) }));

// Photos

app.post('/api/photos', async (request, reply) => {
  const { id, username } = requireUser(request);
  const { bytes, caption } = await readUpload(request);
  const type = await fileTypeFromBuffer(bytes);
  if (!type || !(type.ext in mimeTypes)) throw new Problem(415, 'Send a PNG, JPEG, WebP or GIF image.');
  const image = await saveImage(bytes, type.ext);
  const created = await store.addPhoto(id, caption, image);
  return reply.status(201).send(shown({ ...created, username, caption, image, likes: 0 }));
});

app.get<{ Querystring: { before?: string; limit?: string } }>('/api/photos', async ({ query }) => {
  if (query.limit !== undefined && !/^\d+$/.test(query.limit)) throw new Problem(400, 'limit has to be a number.');
  return readFeed(query.before, Math.min(Math.max(Number(query.limit ?? 20), 1), 50));
});

app.get<{ Params: { id: string } }>('/api/photos/:id', async ({ params }) => shown(await photo(params.id)));

app.delete<{ Params: { id: string } }>('/api/photos/:id', async (request, reply) => {
  const user = requireUser(request);
  await photo(request.params.id);
  const image = await store.deletePhoto(request.params.id, user.id);
  if (image === undefined) throw new Problem(403, 'Only its owner may delete a photo.');
  await removeImage(image);
  return reply.status(204).send();
});

app.put<{ Params: { id: string } }>('/api/photos/:id/like', async (request) => {
  const user = requireUser(request);
  await photo(request.params.id);
  await store.like(request.params.id, user.id);
  return { likes: (await photo(request.params.id)).likes };
});

app.delete<{ Params: { id: string } }>('/api/photos/:id/like', async (request) => {
  const user = requireUser(request);
  await store.unlike(request.params.id, user.id);
  return { likes: (await photo(request.params.id)).likes };
});

app.get<{ Params: { name: string } }>('/images/:name', async ({ params }, reply) => {
  const bytes = await imageFile(params.name);
  const type = mimeTypes[params.name.split('.').at(-1) ?? ''];
  if (!bytes || type === undefined) throw new Problem(404, 'There is no such image.');
  return reply.type(type).header('X-Content-Type-Options', 'nosniff').send(bytes);
});

// The page

app.get<{ Querystring: { before?: string } }>('/', async (request, reply) => {
  const user = userOf(request);
  const { photos, next } = await readFeed(request.query.before, 20);
  const liked = user ? await store.likedBy(user.id, photos.map(({ id }) => id)) : new Set<string>();
  return reply.type('text/html; charset=utf-8').send(render('page', { title: 'Graminsta', user, photos, liked, next }));
});

for (const [name, type] of [['app.css', 'text/css; charset=utf-8'], ['app.js', 'text/javascript; charset=utf-8']] as const) {
  const file = new URL(`../public/${name}`, import.meta.url);
  app.get(`/${name}`, async (_request, reply) => reply.type(type).send(await readFile(file)));
}

await store.migrate();
await app.listen({ host: config.host, port: config.port });
console.log(`Graminsta listens on http://${config.host}:${config.port}`);

// Details

function shown({ image, createdAt, ...rest }: store.Photo) {
  return { ...rest, imageUrl: `/images/${image}`, createdAt: createdAt.toISOString() };
}

async function readFeed(before: string | undefined, limit: number) {
  const [, time, id] = /^(\d{1,13})_(\d{1,18})$/.exec(before ?? '') ?? [];
  if (before !== undefined && (!time || !id)) throw new Problem(400, 'before has to be the next of an earlier page.');
  const rows = await store.photosAfter(time && id ? { createdAt: new Date(Number(time)), id } : undefined, limit);
  const last = rows.at(-1);
  // A full page may be the last one; then the page after it is empty.
  return { photos: rows.map(shown), next: last && rows.length === limit ? `${last.createdAt.getTime()}_${last.id}` : null };
}

async function photo(id: string): Promise<store.Photo> {
  const found = /^\d{1,18}$/.test(id) ? await store.findPhoto(id) : undefined;
  if (!found) throw new Problem(404, 'There is no such photo.');
  return found;
}

async function readUpload(request: FastifyRequest): Promise<{ bytes: Buffer; caption: string }> {
  if (!request.isMultipart()) throw new Problem(400, 'Send a form with a file named image.');
  let bytes: Buffer | undefined;
  let caption = '';
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      const content = await part.toBuffer();
      if (part.fieldname === 'image') bytes = content;
    } else if (part.fieldname === 'caption') caption = String(part.value);
  }
  if (!bytes) throw new Problem(400, 'Send a form with a file named image.');
  if (caption.length > 2000 || caption.includes('\0')) throw new Problem(400, 'A caption has at most 2000 characters, and none of them is NUL.');
  return { bytes, caption };
}

function credentials(body: unknown): { username: string; password: string } {
  const { username, password } = (body ?? {}) as Record<string, unknown>;
  if (typeof username !== 'string' || typeof password !== 'string') throw new Problem(400, 'Send JSON with a username and a password.');
  return { username, password };
}

function startSession(reply: FastifyReply, user: store.User): void {
  const id = randomBytes(32).toString('base64url');
  sessions.set(id, { user, expiresAt: Date.now() + lifetimeSeconds * 1000 });
  reply.header('Set-Cookie', serialize(cookieName, id, { httpOnly: true, sameSite: 'lax', path: '/', maxAge: lifetimeSeconds }));
}

function sessionId(request: FastifyRequest): string {
  return parse(request.headers.cookie ?? '')[cookieName] ?? '';
}

function userOf(request: FastifyRequest): store.User | undefined {
  const session = sessions.get(sessionId(request));
  return session && session.expiresAt > Date.now() ? session.user : undefined;
}

function requireUser(request: FastifyRequest): store.User {
  const user = userOf(request);
  if (!user) throw new Problem(401, 'Log in first.');
  return user;
}
