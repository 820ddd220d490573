// People: signing up, logging in and out, and who sent a request.

import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import postgres from 'postgres';
import { hashPassword, verifyPassword } from '../src/passwords.ts';
import { of, sql } from './database.ts';
import { notTooOften } from './pace.ts';
import { Problem } from './problems.ts';

export interface Person {
  id: string;
  username: string;
}

const nobodysHash = await hashPassword('');

export async function people(app: FastifyInstance): Promise<void> {
  app.post('/users', async (request, reply) => {
    const { username, password } = credentials(request.body);
    if (!/^[a-z0-9_.-]{3,30}$/i.test(username)) throw new Problem(400, 'A username has 3 to 30 letters, digits, dots, dashes or underscores.');
    if (password.length < 8 || password.length > 200) throw new Problem(400, 'A password has 8 to 200 characters.');
    const user = await signUp(username, await hashPassword(password));
    return reply.status(201).send({ user, token: await letIn(user) });
  });

  app.post('/sessions', { onRequest: notTooOften }, async (request, reply) => {
    const { username, password } = credentials(request.body);
    const text = username.replaceAll('\0', '');
    const [known] = await of(sql<(Person & { secret: string })[]>`select id::text, name as username, secret from people where lower(name) = lower(${text})`);
    const isRight = await verifyPassword(password, known?.secret ?? nobodysHash);
    if (!known || !isRight) throw new Problem(401, 'The username or the password is wrong.');
    const user = { id: known.id, username: known.username };
    return reply.status(201).send({ user, token: await letIn(user) });
  });

  app.delete('/sessions', async (request, reply) => {
    await of(sql`delete from tokens where hash = ${hashIn(request)}`);
    return reply.status(204).send();
  });

  app.get('/me', async (request) => ({ user: await whoMust(request) }));
}

export async function whoMust(request: FastifyRequest): Promise<Person> {
  const [person] = await of(sql<Person[]>`
    select people.id::text, name as username from tokens join people on people.id = person_id
    where hash = ${hashIn(request)} and until > now()`);
  if (!person) throw new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
  return person;
}

async function letIn({ id }: Person): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await of(sql`insert into tokens (hash, person_id, until) values (${hashOf(token)}, ${id}, now() + interval '7 days')`);
  return token;
}

function hashIn({ headers }: FastifyRequest): string {
  return hashOf(/^Bearer +([\w-]+)$/i.exec(headers.authorization ?? '')?.[1] ?? '');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function credentials(body: unknown): { username: string; password: string } {
  const { username, password } = (body ?? {}) as { username?: unknown; password?: unknown };
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  throw new Problem(400, 'Send JSON with a username and a password.');
}

async function signUp(username: string, secret: string): Promise<Person> {
  try {
    const [person] = await of(sql<Person[]>`insert into people (name, secret) values (${username}, ${secret}) returning id::text, name as username`);
    return person!;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === '23505') throw new Problem(409, `The name ${username} is taken.`);
    throw error;
  }
}
