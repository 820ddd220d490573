// Mutant: a signed token is good until it runs out, whatever becomes of the session.
// Who is logged in: a signed token (JWT).

import { randomBytes, randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Request, RequestHandler } from 'express';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

const key = randomBytes(32);

export function startSession({ id, username }: User): Promise<string> {
  return new SignJWT({ username }).setProtectedHeader({ alg: 'HS256' }).setSubject(id).setJti(randomUUID()).setExpirationTime('7 d').sign(key);
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
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    return { id: payload.sub ?? '', username: String(payload.username) };
  } catch {
    return undefined;
  }
}

function tokenOf(req: Request): string {
  return /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
}

/** Refuses a request before its body is read. */
export const loggedIn: RequestHandler = async (req, _res, next) => {
  await requireUser(req);
  next();
};
