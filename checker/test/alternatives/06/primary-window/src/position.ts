// How far a reader is: the highest version of the feed that they know of. No reader has to remember it: it is in the cache, for as
// long as the replica may be behind, and every machine looks there.

import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { mark, marks } from './cache.ts';

/** For so long after their last change somebody may be ahead of the replica. */
const windowMs = 10_000;
/** What strangers have been shown: they are all one reader, because nobody can tell them apart. */
const everybody = 'seen:everybody';

/** What is known of nobody, because the cache is away: only the primary is surely new enough. */
export const unknown = Infinity;

/** What this reader may not see anything older than. */
export async function positionOf(req: Request): Promise<number> {
  const own = ownKey(req);
  const known = await marks(own === undefined ? [everybody] : [everybody, own]);
  return known === undefined ? unknown : Math.max(0, ...known);
}

/** Remembers of which version an answer is, before it is given. Who is ahead of the others is so alone. */
export async function tellPosition(res: Response, version: number): Promise<void> {
  const own = ownKey(res.req);
  const isChange = !['GET', 'HEAD'].includes(res.req.method);
  const isAhead = own !== undefined && (isChange || ((await marks([own])) ?? [0]).some((position) => position > 0));
  if (isAhead) await mark(own, version, windowMs);
  else await mark(everybody, version);
}

/** A session is told by its token. The cache does not have to know that one: a hash will do. */
function ownKey(req: Request): string | undefined {
  const token = /^Bearer +([\w-]+)$/i.exec(req.headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : `seen:${createHash('sha256').update(token).digest('base64url')}`;
}
