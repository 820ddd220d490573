// Who is logged in: a token (JWT, RFC 7519) that says itself whose it is, and a list in the database of those that were given
// back before their time. Each request asks for that list: a copy in this process would not know who logged out elsewhere.

import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { jwtVerify, SignJWT } from 'jose';
import { config } from './config.ts';
import { query } from './db.ts';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

interface Token {
  user: User;
  id: string;
  /** When it is over in any case, in seconds since 1970. */
  expiresAt: number;
}

export function startSession({ id, username }: User): Promise<string> {
  return new SignJWT({ username })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setJti(randomUUID())
    .setExpirationTime('7 days')
    .sign(config.tokenKey);
}

export async function endSession(req: Request): Promise<void> {
  const token = await tokenIn(req);
  if (!token) return;
  await query('insert into revoked_tokens (id, expires_at) values ($1, to_timestamp($2)) on conflict do nothing', [token.id, token.expiresAt]);
}

/** The user who sent this request. Throws a 401 when they are not logged in. */
export async function requireUser(req: Request): Promise<User> {
  const token = await tokenIn(req);
  const revoked = token ? await query('select from revoked_tokens where id = $1', [token.id]) : [];
  if (!token || revoked.length > 0) throw new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
  return token.user;
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

/** RFC 8725, section 3.1: which algorithm is good enough is for us to say, and not for the token. */
async function tokenIn({ headers }: Request): Promise<Token | undefined> {
  const [, token = ''] = /^Bearer +([\w.-]+)$/i.exec(headers.authorization ?? '') ?? [];
  try {
    const { payload } = await jwtVerify(token, config.tokenKey, { algorithms: ['HS256'], requiredClaims: ['sub', 'jti', 'exp', 'username'] });
    const { sub = '', jti = '', exp = 0, username } = payload;
    return { user: { id: sub, username: String(username) }, id: jti, expiresAt: exp };
  } catch {
    return undefined;
  }
}
