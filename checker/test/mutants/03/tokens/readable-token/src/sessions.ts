// Mutant: the token is the user as JSON in Base64, and nobody signed it.
// Who is logged in: a token that says it.

import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

export function startSession(user: User): string {
  return Buffer.from(JSON.stringify({ ...user, session: randomUUID() })).toString('base64url');
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
    const { id, username } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Partial<User>;
    return id && username ? { id, username } : undefined;
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
