// Mutant: tokens are signed when they are made, and only read when they come back.
// Who is logged in: a signed token (JWT).

import { randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
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

function userOf(token: string): User | undefined {
  if (ended.has(token)) return undefined;
  try {
    const { sub, username } = decodeJwt(token);
    return sub ? { id: sub, username: String(username) } : undefined;
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
