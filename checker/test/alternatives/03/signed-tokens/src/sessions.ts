// Right in another way: a signed token (JWT, RFC 7519) that says itself whose it is, and a list of those that were given
// back before their time. Nothing else of a session is kept.

import { randomBytes, randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { jwtVerify, SignJWT } from 'jose';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

interface Session {
  user: User;
  /** The token's own number. */
  jti: string;
  /** When it is over in any case, in seconds since 1970. */
  exp: number;
}

const lifetimeSeconds = 7 * 24 * 60 * 60;
// As with sessions in memory, a new start of the program ends them all. Several machines would have to share it.
const key = randomBytes(32);

/** By number: until when each would be good, had it not been given back. */
const revoked = new Map<string, number>();
const sessions = new WeakMap<Request, Session>();

export function startSession({ id, username }: User): Promise<string> {
  return new SignJWT({ username })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setJti(randomUUID())
    .setExpirationTime(`${lifetimeSeconds} s`)
    .sign(key);
}

/** Reads the token of each request once, before anybody asks whose it is. */
export const readToken: RequestHandler = async (req, _res, next) => {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(req.headers.authorization ?? '') ?? [];
  const session = token === undefined ? undefined : await verify(token);
  if (session && !revoked.has(session.jti)) sessions.set(req, session);
  next();
};

/** RFC 8725, section 3.1: which algorithm is good enough is for us to say, and not for the token. */
async function verify(token: string): Promise<Session | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['sub', 'jti', 'exp', 'username'] });
    const { sub = '', jti = '', exp = 0, username } = payload;
    return { user: { id: sub, username: String(username) }, jti, exp };
  } catch {
    return undefined;
  }
}

export function endSession(req: Request): void {
  const session = sessions.get(req);
  if (!session) return;
  const now = Date.now() / 1000;
  for (const [jti, exp] of revoked) if (exp < now) revoked.delete(jti);
  revoked.set(session.jti, session.exp);
}

/** The user who sent this request. Throws a 401 when they are not logged in. */
export function requireUser(req: Request): User {
  const session = sessions.get(req);
  if (!session) throw new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
  return session.user;
}

/** Refuses a request before its body is read. */
export const loggedIn: RequestHandler = (req, _res, next) => {
  requireUser(req);
  next();
};
