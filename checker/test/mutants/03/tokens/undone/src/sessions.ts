// Mutant: a session is still a cookie.
// Who is logged in: a cookie at the user's side, a Map in this process.

import { randomBytes } from 'node:crypto';
import { parse } from 'cookie';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

interface Session {
  user: User;
  expiresAt: number;
}

// Named per step, because cookies do not tell one port of this computer from another.
const cookieName = 'graminsta-03';
const cookieOptions: CookieOptions = { httpOnly: true, sameSite: 'lax' };
const lifetimeMs = 7 * 24 * 60 * 60 * 1000;
const sessions = new Map<string, Session>();

export function startSession(res: Response, user: User): void {
  forgetExpired();
  const id = randomBytes(32).toString('base64url');
  sessions.set(id, { user, expiresAt: Date.now() + lifetimeMs });
  res.cookie(cookieName, id, { ...cookieOptions, maxAge: lifetimeMs });
}

export function endSession(req: Request, res: Response): void {
  sessions.delete(sessionId(req));
  res.clearCookie(cookieName, cookieOptions);
}

/** The user who sent this request. Throws a 401 when they are not logged in. */
export function requireUser(req: Request): User {
  const session = sessions.get(sessionId(req));
  if (!session || session.expiresAt <= Date.now()) throw new Problem(401, 'Log in first.');
  return session.user;
}

/** Refuses a request before its body is read. */
export const loggedIn: RequestHandler = (req, _res, next) => {
  requireUser(req);
  next();
};

function sessionId(req: Request): string {
  return parse(req.headers.cookie ?? '')[cookieName] ?? '';
}

/** A Map remembers the order of insertion and all sessions live equally long: the oldest come first. */
function forgetExpired(): void {
  for (const [id, session] of sessions) {
    if (session.expiresAt > Date.now()) return;
    sessions.delete(id);
  }
}
