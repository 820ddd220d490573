// Who is logged in: a token at the user's side, its hash in the database, nothing in this process.

import { createHash, randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { query, queryReplica } from './db.ts';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

const lifetime = '7 days';

// #region session
/** The token is a random number that means nothing: it cannot be made up, and it is dead as soon as its row is gone. */
export async function startSession(user: User): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await query('insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + $3::interval)', [
    hash(token),
    user.id,
    lifetime,
  ]);
  return token;
}

/** Ends the session whose token this request carries, on every machine, and no other of the same user. */
export async function endSession(req: Request): Promise<void> {
  await query('delete from sessions where token_hash = $1', [hash(tokenOf(req))]);
}

/** The user who sent this request, whichever machine they logged in on. Throws a 401 when they are not logged in. */
export async function requireUser(req: Request): Promise<User> {
  const token = tokenOf(req);
  const [user] = token
    ? await queryReplica<User>(
        `select users.id, username from sessions join users on users.id = user_id
         where token_hash = $1 and expires_at > now()`,
        [hash(token)],
      )
    : [];
  // RFC 9110, section 11.6.1: a 401 says how to do better.
  if (!user) throw new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
  return user;
}
// #endregion

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

/** A token is as random as a key, so a quick hash protects it; passwords need a slow one. */
function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
