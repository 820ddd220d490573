// Who is logged in: a token at the user's side, a Map in this process.

import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { config } from './config.ts';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

interface Session {
  user: User;
  expiresAt: number;
}

const lifetimeMs = 7 * 24 * 60 * 60 * 1000;
const sessions = new Map<string, Session>();

/** The token is a random number that means nothing: it cannot be made up, and it is dead as soon as it is forgotten here. */
export async function startSession(user: User): Promise<string> {
  const token = `${config.machineName}_${randomBytes(32).toString('base64url')}`;
  sessions.set(token, { user, expiresAt: Date.now() + lifetimeMs });
  return token;
}

/** Ends the session whose token this request carries, and no other of the same user. */
export async function endSession(req: Request): Promise<void> {
  sessions.delete(tokenOf(req));
}

/** The user who sent this request. Throws a 401 when they are not logged in. */
export async function requireUser(req: Request): Promise<User> {
  const session = sessions.get(tokenOf(req));
  // RFC 9110, section 11.6.1: a 401 says how to do better.
  if (!session || session.expiresAt <= Date.now()) throw new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
  return session.user;
}

/** Refuses a request before its body is read, and remembers who sent it. */
export const loggedIn: RequestHandler = async (req, res, next) => {
  res.locals.user = await requireUser(req);
  next();
};

/** The user whom `loggedIn` let in. */
export function userIn(res: Response): User {
  return res.locals.user as User;
}

/** Only from this header: an address is written into logs and histories, and sent on to other servers. */
function tokenOf(req: Request): string {
  return /^Bearer +([\w-]+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
}
