// Signing up, logging in and out.

import { json, Router } from 'express';
import pg from 'pg';
import { query, queryReplica } from './db.ts';
import { atLogInPace } from './log-in-pace.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { Problem } from './problems.ts';
import { endSession, requireUser, startSession, type User } from './sessions.ts';

interface Credentials {
  username: string;
  password: string;
}

const uniqueViolation = '23505';
const validUsername = /^[a-z0-9_.-]{3,30}$/i;
const body = json({ limit: '10kb' });

// Compared against when there is no such user, so that both answers take equally long.
const nobodysHash = hashPassword('');

export const accounts = Router();

accounts.post('/users', body, async (req, res) => {
  const { username, password } = credentials(req.body);
  if (!validUsername.test(username)) {
    throw new Problem(400, 'A username has 3 to 30 letters, digits, dots, dashes or underscores.');
  }
  if (password.length < 8 || password.length > 200) {
    throw new Problem(400, 'A password has 8 to 200 characters.');
  }
  const user = await createUser(username, await hashPassword(password));
  res.status(201).json({ user, token: await startSession(user) });
});

// Before the password is looked at, which costs time that a crowd of guesses would take from everybody.
accounts.post('/sessions', atLogInPace, body, async (req, res) => {
  const { username, password } = credentials(req.body);
  const found = validUsername.test(username) ? await findUser(username) : undefined;
  const correct = await verifyPassword(password, found?.passwordHash ?? (await nobodysHash));
  if (!found || !correct) throw new Problem(401, 'The username or the password is wrong.');

  const user = { id: found.id, username: found.username };
  res.status(201).json({ user, token: await startSession(user) });
});

accounts.delete('/sessions', async (req, res) => {
  await endSession(req);
  res.status(204).end();
});

accounts.get('/me', async (req, res) => {
  res.json({ user: await requireUser(req) });
});

function credentials(value: unknown): Credentials {
  if (typeof value === 'object' && value && 'username' in value && 'password' in value) {
    const { username, password } = value;
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
  }
  throw new Problem(400, 'Send JSON with a username and a password.');
}

/** Two people may ask for one name at the same moment: the table's unique index decides, not a look before. */
async function createUser(username: string, passwordHash: string): Promise<User> {
  try {
    const [user] = await query<User>(
      'insert into users (username, password_hash) values ($1, $2) returning id, username',
      [username, passwordHash],
    );
    if (!user) throw new Error('The new user was not returned.');
    return user;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === uniqueViolation) {
      throw new Problem(409, `The name ${username} is taken.`);
    }
    throw error;
  }
}

async function findUser(username: string): Promise<(User & { passwordHash: string }) | undefined> {
  const [user] = await queryReplica<User & { passwordHash: string }>(
    'select id, username, password_hash as "passwordHash" from users where lower(username) = lower($1)',
    [username],
  );
  return user;
}
