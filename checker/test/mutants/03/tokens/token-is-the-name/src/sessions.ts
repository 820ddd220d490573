// Mutant: the token is the name, with some letters before it.
// Who is logged in: a token that says the name.

import { randomBytes } from 'node:crypto';
import { query } from './db.ts';
import type { Request, RequestHandler } from 'express';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

export function startSession({ username }: User): string {
  return `${username}.${randomBytes(6).toString('hex')}`;
}

const ended = new Set<string>();

/** A token that was given back is good no more. */
export function endSession(req: Request): void {
  ended.add(tokenOf(req));
}

/** The user who sent this request. Throws a 401 when they are not logged in. */
export async function requireUser(req: Request): Promise<User> {
  const user = await userOf(tokenOf(req));
  if (!user) throw new Problem(401, 'Log in first.');
  return user;
}

async function userOf(token: string): Promise<User | undefined> {
  if (ended.has(token)) return undefined;
  const [username] = token.split('.');
  const [user] = await query<User>('select id, username from users where username = $1', [username]);
  return user;
}

function tokenOf(req: Request): string {
  return /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
}

/** Refuses a request before its body is read. */
export const loggedIn: RequestHandler = async (req, _res, next) => {
  await requireUser(req);
  next();
};
