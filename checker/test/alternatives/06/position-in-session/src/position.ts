// How far a reader is: the highest version of the feed that they know of. Nobody has to send it along. Whoever changed something is
// ahead of the replica for a while, and their session knows how far. All others are one reader, whose position is in the cache.

import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { seenByAll, seesMore } from './cache.ts';
import { query } from './db.ts';

/** Nobody knows what people have seen, because the cache is away: only the primary is surely new enough. */
export const unknown = Infinity;

interface Known {
  seen: number | undefined;
  own: number;
}

/** What this reader may not see anything older than. */
export async function positionOf(req: Request): Promise<number> {
  const [seen, own] = await Promise.all([seenByAll(), ownPosition(req)]);
  if (req.res) req.res.locals.known = { seen, own } satisfies Known;
  return seen === undefined ? unknown : Math.max(seen, own);
}

/** Remembers of which version an answer is, before it is given. Who is ahead of the others is so alone. */
export async function tellPosition(res: Response, version: number): Promise<void> {
  const { seen, own } = (res.locals.known as Known | undefined) ?? { seen: undefined, own: 0 };
  // Most readers see what is known already.
  if (version <= Math.max(seen ?? 0, own)) return;
  const token = tokenHashOf(res.req);
  if (token && (seen === undefined || own > seen)) await query('update sessions set version = greatest(version, $2) where token_hash = $1', [token, version]).catch(() => []);
  else await seesMore(version);
}

async function ownPosition(req: Request): Promise<number> {
  const token = tokenHashOf(req);
  if (!token) return 0;
  // While the primary is away, nobody can read from there what is ahead of the replica.
  const rows = await query<{ version: string }>('select version from sessions where token_hash = $1', [token]).catch(() => []);
  return Number(rows[0]?.version ?? 0);
}

function tokenHashOf(req: Request): Buffer | undefined {
  const token = /^Bearer +([\w-]+)$/i.exec(req.headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : createHash('sha256').update(token).digest();
}
