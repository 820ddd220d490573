// Mutant: the token is signed and says itself whose it is, and nobody notes which ones were given back.
// Who is logged in: a signed token at the user's side, and nothing anywhere else.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

const lifetimeMs = 7 * 24 * 60 * 60 * 1000;
// The same on every machine, and known to no user.
const secret = process.env.TOKEN_SECRET ?? '';

interface Claims extends User {
  expiresAt: number;
}

export async function startSession({ id, username }: User): Promise<string> {
  const claims: Claims = { id, username, expiresAt: Date.now() + lifetimeMs };
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${payload}_${sign(payload)}`;
}

/** The client forgets its token. */
export async function endSession(_req: Request): Promise<void> {}

/** The user who sent this request, whichever machine they logged in on. Throws a 401 when they are not logged in. */
export async function requireUser(req: Request): Promise<User> {
  const [payload = '', signature = ''] = tokenOf(req).split(/_(?=[^_]{64}$)/);
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(payload))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw notLoggedIn();
  const { id, username, expiresAt } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
  if (expiresAt <= Date.now()) throw notLoggedIn();
  return { id, username };
}

function sign(payload: string): string {
  return createHmac('sha256', secret).update(payload).digest('hex');
}

// RFC 9110, section 11.6.1: a 401 says how to do better.
function notLoggedIn(): Problem {
  return new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
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
