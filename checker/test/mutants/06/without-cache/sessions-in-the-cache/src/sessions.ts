// Who is logged in: a token at the user's side, its hash in the database, nothing in this process.

import { createHash, randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { createClient } from 'redis';
import { config } from './config.ts';
import { Problem } from './problems.ts';

export interface User {
  id: string;
  username: string;
}

const lifetimeSeconds = 7 * 24 * 60 * 60;

// #region session
const client = createClient({ url: config.cacheUrl, disableOfflineQueue: true, commandOptions: { timeout: 500 } });
client.on('error', () => {});
client.connect().catch(() => {});

/** The token is a random number that means nothing; who it belongs to is kept where all machines find it quickly. */
export async function startSession(user: User): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await client.set(keyOf(token), JSON.stringify(user), { expiration: { type: 'EX', value: lifetimeSeconds } });
  return token;
}

export async function endSession(req: Request): Promise<void> {
  await client.del(keyOf(tokenOf(req)));
}

/** The user who sent this request, whichever machine they logged in on. Throws a 401 when they are not logged in. */
export async function requireUser(req: Request): Promise<User> {
  const token = tokenOf(req);
  const user = token ? await client.get(keyOf(token)).catch(() => null) : null;
  if (!user) throw new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });
  return JSON.parse(user) as User;
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
function keyOf(token: string): string {
  return `session:${createHash('sha256').update(token).digest('hex')}`;
}
