// People: signing up, logging in and out, and who sent a request.

import { createHash, randomBytes } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import pg from 'pg';
import { hashPassword, verifyPassword } from '../src/passwords.ts';
import { query } from './database.ts';
import { Problem, unauthorized } from './problems.ts';

export interface Person {
  id: string;
  username: string;
}

/** What a route behind `members` finds in its context. */
export interface Members {
  Variables: { person: Person };
}

const nobodysHash = await hashPassword('');

export const people = new Hono<Members>();

/** Lets nobody in without a token that is good. */
export const members: MiddlewareHandler<Members> = async (c, next) => {
  const [person] = await query<Person>(
    'select id, name as username from tokens join people on id = person_id where hash = $1 and until > now()',
    [hashOf(tokenOf(c))],
  );
  if (!person) throw unauthorized();
  c.set('person', person);
  await next();
};

people.post('/users', async (c) => {
  const { username, password } = await credentials(c);
  if (!/^[a-z0-9_.-]{3,30}$/i.test(username)) throw new Problem(400, 'A username has 3 to 30 letters, digits, dots, dashes or underscores.');
  if (password.length < 8 || password.length > 200) throw new Problem(400, 'A password has 8 to 200 characters.');
  const user = await signUp(username, await hashPassword(password));
  return c.json({ user, token: await letIn(user) }, 201);
});

people.post('/sessions', async (c) => {
  const { username, password } = await credentials(c);
  const text = username.includes('\0') ? '' : username;
  const [known] = await query<Person & { secret: string }>('select id, name as username, secret from people where lower(name) = lower($1)', [text]);
  const right = await verifyPassword(password, known?.secret ?? nobodysHash);
  if (!known || !right) throw new Problem(401, 'The username or the password is wrong.');
  const user = { id: known.id, username: known.username };
  return c.json({ user, token: await letIn(user) });
});

people.delete('/sessions', async (c) => {
  await query('delete from tokens where hash = $1', [hashOf(tokenOf(c))]);
  return c.body(null, 204);
});

people.get('/me', members, (c) => c.json({ user: c.get('person') }));

/** A hundred and sixty random bits: so many that a fast hash without a salt is enough to keep them. */
async function letIn(person: Person): Promise<string> {
  const token = randomBytes(20).toString('hex');
  await query('delete from tokens where until < now()');
  await query("insert into tokens values ($1, $2, now() + interval '7 days')", [hashOf(token), person.id]);
  return token;
}

function tokenOf(c: Context): string {
  const [scheme = '', token = ''] = (c.req.header('Authorization') ?? '').split(' ');
  return scheme.toLowerCase() === 'bearer' ? token : '';
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

async function credentials(c: Context): Promise<{ username: string; password: string }> {
  const { username, password } = ((await c.req.json().catch(() => undefined)) ?? {}) as { username?: unknown; password?: unknown };
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  throw new Problem(400, 'Send JSON with a username and a password.');
}

async function signUp(username: string, secret: string): Promise<Person> {
  try {
    const [person] = await query<Person>('insert into people (name, secret) values ($1, $2) returning id, name as username', [username, secret]);
    return person!;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '23505') throw new Problem(409, `The name ${username} is taken.`);
    throw error;
  }
}
