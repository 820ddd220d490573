// Mutant: logging out on one device ends the sessions on all of them.
// Who is logged in: a token at the user's side, a Map in this process.

import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
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

// #region token
/** The token is a random number that means nothing: it cannot be made up, and it is dead as soon as it is forgotten here. */
export function startSession(user: User): string {
  forgetExpired();
  const token = randomBytes(32).toString('base64url');
  sessions.set(token, { user, expiresAt: Date.now() + lifetimeMs });
  return token;
}

export function endSession(req: Request): void {
  const user = sessions.get(tokenOf(req))?.user;
  for (const [token, session] of sessions) if (session.user.id === user?.id) sessions.delete(token);
}

/** Only from this header: an address is written into logs and histories, and sent on to other servers. */
function tokenOf(req: Request): string {
  return /^Bearer +([\w-]+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
}
// #endregion

/** The user who sent this request. Throws a 401 when they are not logged in. */
export function requireUser(req: Request): User {
  const session = sessions.get(tokenOf(req));
  // RFC 9110, section 11.6.1: a 401 says how to do better.
  if (!session || session.expiresAt <= Date.now()) throw new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
  return session.user;
}

/** Refuses a request before its body is read. */
export const loggedIn: RequestHandler = (req, _res, next) => {
  requireUser(req);
  next();
};

/** A Map remembers the order of insertion and all sessions live equally long: the oldest come first. */
function forgetExpired(): void {
  for (const [token, session] of sessions) {
    if (session.expiresAt > Date.now()) return;
    sessions.delete(token);
  }
}
