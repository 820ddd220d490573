// Right in another way: the whole app in one file, with images as bytes in Postgres, written in one statement with
// their row; ids that are UUIDs in the order of time; likes as an array of users; the page as template strings.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'cookie';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import multer from 'multer';
import pg from 'pg';
import { hashPassword, verifyPassword } from './passwords.ts';

interface Account {
  id: string;
  name: string;
}

interface Post {
  id: string;
  author: string;
  words: string;
  fans: number;
  posted: Date;
}

class Refusal extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
  }
}

const dataDir = path.resolve(process.env.DATA_DIR ?? 'data');
const pool = new pg.Pool({ host: path.join(dataDir, 'postgres'), port: 5432, user: 'graminsta', database: 'graminsta' });
const logins = new Map<string, Account>();
let last = { ms: 0, count: 0 };

const schema = `
  create table if not exists account (id uuid primary key, name text not null, secret text not null);
  create unique index if not exists account_name on account (lower(name));
  create table if not exists post (
    id uuid primary key,
    account uuid not null references account,
    words text not null,
    kind text not null,
    picture bytea not null,
    fans uuid[] not null default '{}',
    posted timestamptz not null default now()
  );
  -- Images are compressed already.
  alter table post alter column picture set storage external;`;

const asPost = `post.id, account.name as author, words, cardinality(fans) as fans, posted from post join account on account.id = account`;

const app = express();
app.disable('x-powered-by');
app.use((_req, res, next) => {
  res.set('X-Served-By', process.env.MACHINE_NAME ?? 'server');
  next();
});

app.get('/livez', (_req, res) => {
  res.send('alive');
});

app.get('/readyz', async (_req, res) => {
  // A connection of its own with an end to its patience: the pool's may all be waiting.
  const client = new pg.Client({
    host: path.join(dataDir, 'postgres'),
    port: 5432,
    user: 'graminsta',
    database: 'graminsta',
    connectionTimeoutMillis: 400,
    query_timeout: 400,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    throw new Refusal(503, 'Not ready', `The database does not answer: ${String(error)}`);
  } finally {
    void client.end().catch(() => undefined);
  }
  res.send('ready');
});

// People

app.post('/api/users', express.json(), async (req, res) => {
  const { username, password } = (req.body ?? {}) as Record<string, unknown>;
  if (typeof username !== 'string' || !/^[\w.-]{3,30}$/.test(username) || typeof password !== 'string' || password.length < 8 || password.length > 200) {
    throw new Refusal(400, 'Bad Request', 'A username has 3 to 30 characters, a password 8 to 200.');
  }
  const id = timeOrderedId();
  const { rowCount } = await pool.query('insert into account values ($1, $2, $3) on conflict do nothing', [id, username, await hashPassword(password)]);
  if (rowCount === 0) throw new Refusal(409, 'Conflict', `The name ${username} is taken.`);
  letIn(res, { id, name: username });
});

app.post('/api/sessions', express.json(), async (req, res) => {
  const { username, password } = (req.body ?? {}) as Record<string, unknown>;
  if (typeof username !== 'string' || typeof password !== 'string') throw new Refusal(400, 'Bad Request', 'Send a username and a password.');
  const { rows } = await pool.query<Account & { secret: string }>('select * from account where lower(name) = lower($1)', [username]);
  const account = rows[0];
  if (!account || !(await verifyPassword(password, account.secret))) throw new Refusal(401, 'Unauthorized', 'The username or the password is wrong.');
  letIn(res, { id: account.id, name: account.name });
});

app.delete('/api/sessions', (req, res) => {
  logins.delete(ticket(req));
  res.clearCookie('graminsta-01').status(204).end();
});

app.get('/api/me', (req, res) => {
  const { id, name } = member(req);
  res.json({ user: { id, username: name } });
});

// Photos

const form = multer({ storage: multer.memoryStorage(), limits: { fileSize: 5 * 1024 * 1024, files: 1 } });

app.post('/api/photos', (req, _res, next) => (member(req), next()), form.single('image'), async (req, res) => {
  const { id: account, name } = member(req);
  const words = (req.body as Record<string, unknown> | undefined)?.caption ?? '';
  if (!req.file || typeof words !== 'string' || words.length > 2000 || words.includes('\0')) throw new Refusal(400, 'Bad Request', 'Send an image and a caption.');
  const kind = kindOf(req.file.buffer);
  if (!kind) throw new Refusal(415, 'Unsupported Media Type', 'Send a PNG, JPEG, WebP or GIF image.');
  const id = timeOrderedId();
  const { rows } = await pool.query<{ posted: Date }>(
    'insert into post (id, account, words, kind, picture) values ($1, $2, $3, $4, $5) returning posted',
    [id, account, words, kind, req.file.buffer],
  );
  res.status(201).json(shown(req, { id, author: name, words, fans: 0, posted: rows[0]!.posted }));
});

app.get('/api/photos', async (req, res) => {
  const limit = Number(req.query.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 50) throw new Refusal(400, 'Bad Request', 'limit is a number from 1 to 50.');
  const { posts, next } = await page(req.query.before, limit);
  res.json({ photos: posts.map((post) => shown(req, post)), next });
});

app.get('/api/photos/:id', async (req, res) => {
  res.json(shown(req, await find(req.params.id)));
});

app.get('/pictures/:id', async (req, res) => {
  const { rows } = await pool.query<{ kind: string; picture: Buffer }>('select kind, picture from post where id = $1', [uuid(req.params.id)]);
  if (!rows[0]) throw gone();
  res.set({ 'Content-Type': rows[0].kind, 'X-Content-Type-Options': 'nosniff' }).send(rows[0].picture);
});

app.delete('/api/photos/:id', async (req, res) => {
  const { id: account, name } = member(req);
  const { id, author } = await find(req.params.id);
  if (author !== name) throw new Refusal(403, 'Forbidden', 'Only its owner may delete a photo.');
  await pool.query('delete from post where id = $1 and account = $2', [id, account]);
  res.status(204).end();
});

// One statement: a row is locked while it is changed, and whoever waited looks at it anew.
app.put('/api/photos/:id/like', async (req, res) => {
  const { id: account } = member(req);
  await pool.query('update post set fans = array_append(fans, $2) where id = $1 and not fans @> array[$2::uuid]', [uuid(req.params.id), account]);
  res.json({ likes: (await find(req.params.id)).fans });
});

app.delete('/api/photos/:id/like', async (req, res) => {
  const { id: account } = member(req);
  await pool.query('update post set fans = array_remove(fans, $2) where id = $1', [uuid(req.params.id), account]);
  res.json({ likes: (await find(req.params.id)).fans });
});

// The page

app.get('/', async (req, res) => {
  const { posts, next } = await page(req.query.before, 20);
  const cards = posts.map(
    ({ id, words, author, fans }) => `
    <figure class="card">
      <img src="${escaped(pictureUrl(req, id))}" alt="${escaped(words)}">
      <figcaption>${escaped(words)}</figcaption>
      <p>by ${escaped(author)}, ${fans} ${fans === 1 ? 'like' : 'likes'}</p>
    </figure>`,
  );
  res.send(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Graminsta</title><link rel="stylesheet" href="/app.css"></head>
<body><h1>Graminsta</h1>${cards.join('')}
${next === null ? '' : `<a href="/?before=${encodeURIComponent(next)}">Older photos</a>`}</body>
</html>`);
});

app.use(express.static(fileURLToPath(new URL('../public', import.meta.url))));

app.use((req) => {
  throw new Refusal(404, 'Not Found', `There is nothing at ${req.path}.`);
});

const refuse: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  let refusal = error;
  if (error instanceof multer.MulterError && error.code === 'LIMIT_FILE_SIZE') refusal = new Refusal(413, 'Content Too Large', 'An image has at most 5 MB.');
  else if (error instanceof multer.MulterError) refusal = new Refusal(400, 'Bad Request', error.message);
  else if (error instanceof SyntaxError) refusal = new Refusal(400, 'Bad Request', 'That is not JSON.');
  if (!(refusal instanceof Refusal)) {
    console.error(error);
    refusal = new Refusal(500, 'Internal Server Error', 'Something went wrong on our side.');
  }
  const { status, title, message: detail } = refusal as Refusal;
  res.status(status).type('application/problem+json').send(JSON.stringify({ title, status, detail }));
};
app.use(refuse);

await pool.query(schema);
app.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1');

// Details

function letIn(res: Response, account: Account): void {
  const id = randomBytes(24).toString('hex');
  logins.set(id, account);
  res.cookie('graminsta-01', id, { httpOnly: true, sameSite: 'lax' }).status(201).json({ user: { id: account.id, username: account.name } });
}

function ticket(req: Request): string {
  return parse(req.headers.cookie ?? '')['graminsta-01'] ?? '';
}

function member(req: Request): Account {
  const account = logins.get(ticket(req));
  if (!account) throw new Refusal(401, 'Unauthorized', 'Log in first.');
  return account;
}

/** An absolute address: also right by the contract. */
function pictureUrl(req: Request, id: string): string {
  return `http://${req.headers.host}/pictures/${id}`;
}

function shown(req: Request, { id, author, words, fans, posted }: Post) {
  return { id, username: author, caption: words, imageUrl: pictureUrl(req, id), likes: fans, createdAt: posted.toISOString() };
}

async function page(before: unknown, limit: number): Promise<{ posts: Post[]; next: string | null }> {
  const { rows } = await pool.query<Post>(`select ${asPost} where $1::uuid is null or post.id < $1 order by post.id desc limit $2`, [
    before === undefined ? null : uuid(before, () => new Refusal(400, 'Bad Request', 'before has to be the next of an earlier page.')),
    limit + 1,
  ]);
  const posts = rows.slice(0, limit);
  return { posts, next: rows.length > limit ? posts.at(-1)!.id : null };
}

async function find(id: string): Promise<Post> {
  const { rows } = await pool.query<Post>(`select ${asPost} where post.id = $1`, [uuid(id)]);
  if (!rows[0]) throw gone();
  return rows[0];
}

function uuid(text: unknown, otherwise = gone): string {
  if (typeof text !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) throw otherwise();
  return text;
}

function gone(): Refusal {
  return new Refusal(404, 'Not Found', 'There is no such photo.');
}

function kindOf(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1', 0, 12);
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'image/webp';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'image/gif';
  return undefined;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A UUID of version 7: 48 bits of time, 12 that count within a millisecond, and chance. Each is greater than the one before. */
function timeOrderedId(): string {
  const now = Date.now();
  if (now > last.ms) last = { ms: now, count: 0 };
  else if (last.count < 0xfff) last.count += 1;
  else last = { ms: last.ms + 1, count: 0 };
  const time = last.ms.toString(16).padStart(12, '0');
  const chance = randomBytes(8);
  chance[0] = (chance[0]! & 0x3f) | 0x80;
  const rest = chance.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${last.count.toString(16).padStart(3, '0')}-${rest.slice(0, 4)}-${rest.slice(4)}`;
}
