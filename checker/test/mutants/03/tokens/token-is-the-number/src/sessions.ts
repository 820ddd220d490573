// Mutant: the token is the number of the user.
// Who is logged in: a token that says the number.

import { query } from './db.ts';
import type { Request, RequestHandler } from 'express';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

export function startSession({ id }: User): string {
  return id;
}

/** There is nothing to end: the page forgets the token. */
export function endSession(_req: Request): void {}

/** The user who sent this request. Throws a 401 when they are not logged in. */
export async function requireUser(req: Request): Promise<User> {
  const user = await userOf(tokenOf(req));
  if (!user) throw new Problem(401, 'Log in first.');
  return user;
}

async function userOf(token: string): Promise<User | undefined> {
  if (!/^\d{1,18}$/.test(token)) return undefined;
  const [user] = await query<User>('select id, username from users where id = $1', [token]);
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
