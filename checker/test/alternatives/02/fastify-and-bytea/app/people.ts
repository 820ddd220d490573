// People: signing up, logging in and out, and who sent a request.

import { randomBytes } from 'node:crypto';
import { parse, serialize } from 'cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import pg from 'pg';
import { hashPassword, verifyPassword } from '../src/passwords.ts';
import { query } from './database.ts';
import { Problem } from './problems.ts';

export interface Person {
  id: string;
  username: string;
}

const cookie = 'graminsta-02';
const weekMs = 7 * 24 * 60 * 60 * 1000;
const sessions = new Map<string, { person: Person; until: number }>();
const nobodysHash = await hashPassword('');

export async function people(app: FastifyInstance): Promise<void> {
  app.post('/users', async (request, reply) => {
    const { username, password } = credentials(request.body);
    if (!/^[a-z0-9_.-]{3,30}$/i.test(username)) throw new Problem(400, 'A username has 3 to 30 letters, digits, dots, dashes or underscores.');
    if (password.length < 8 || password.length > 200) throw new Problem(400, 'A password has 8 to 200 characters.');
    const user = await signUp(username, await hashPassword(password));
    letIn(reply, user);
    return reply.status(201).send({ user });
  });

  app.post('/sessions', async (request, reply) => {
    const { username, password } = credentials(request.body);
    const text = username.includes('\0') ? '' : username;
    const [known] = await query<Person & { secret: string }>('select id, name as username, secret from people where lower(name) = lower($1)', [text]);
    const right = await verifyPassword(password, known?.secret ?? nobodysHash);
    if (!known || !right) throw new Problem(401, 'The username or the password is wrong.');
    const user = { id: known.id, username: known.username };
    letIn(reply, user);
    return reply.status(201).send({ user });
  });

  app.delete('/sessions', async (request, reply) => {
    sessions.delete(sessionOf(request));
    reply.header('Set-Cookie', serialize(cookie, '', { path: '/', maxAge: 0, httpOnly: true, sameSite: 'lax' }));
    return reply.status(204).send();
  });

  app.get('/me', async (request) => ({ user: whoMust(request) }));
}

/** Who sent it, if they are logged in. */
export function who(request: FastifyRequest): Person | undefined {
  const session = sessions.get(sessionOf(request));
  return session && session.until > Date.now() ? session.person : undefined;
}

export function whoMust(request: FastifyRequest): Person {
  const person = who(request);
  if (!person) throw new Problem(401, 'Log in first.');
  return person;
}

function letIn(reply: FastifyReply, person: Person): void {
  for (const [id, { until }] of sessions) if (until < Date.now()) sessions.delete(id);
  const id = randomBytes(32).toString('base64url');
  sessions.set(id, { person, until: Date.now() + weekMs });
  reply.header('Set-Cookie', serialize(cookie, id, { path: '/', maxAge: weekMs / 1000, httpOnly: true, sameSite: 'lax' }));
}

function sessionOf({ headers }: FastifyRequest): string {
  return parse(headers.cookie ?? '')[cookie] ?? '';
}

function credentials(body: unknown): { username: string; password: string } {
  const { username, password } = (body ?? {}) as { username?: unknown; password?: unknown };
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
