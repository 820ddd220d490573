// Where a reader is read for. Whoever changes something opens a window in the cache, which stays open for as long as they come again
// within it. Everybody within a window reads from the primary, past the cache: so each of them sees own changes at any machine, and when
// the window closes, the replica has long passed what they saw. Everybody else has a position, which travels with them in the header
// X-Position; so has somebody whose window cannot be opened because the cache is away.

import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { isInWindow, opensWindow } from './cache.ts';

/** What this reader may not see anything older than; infinite for whoever reads from the primary. */
export async function positionOf(req: Request): Promise<number> {
  const token = tokenHashOf(req);
  const isIn = token !== undefined && (await isInWindow(token));
  if (req.res) req.res.locals['isInWindow'] = isIn === true;
  // Nobody knows, because the cache is away: they may have changed something a moment ago.
  if (isIn === true || isIn === undefined) return Infinity;
  const position = req.get('X-Position') ?? '';
  return /^\d{1,15}$/.test(position) ? Number(position) : 0;
}

/** After a change: the window is open before it is acknowledged. After a read: how far its reader is, unless they are within a window. */
export async function tellPosition(res: Response, version: number): Promise<void> {
  const token = tokenHashOf(res.req);
  const isRead = ['GET', 'HEAD'].includes(res.req.method);
  const isIn = isRead ? res.locals['isInWindow'] === true : token !== undefined && (await opensWindow(token));
  if (!isIn) res.set('X-Position', String(version));
}

function tokenHashOf(req: Request): string | undefined {
  const token = /^Bearer +([\w-]+)$/i.exec(req.headers.authorization ?? '')?.[1];
  return token === undefined ? undefined : createHash('sha256').update(token).digest('hex');
}
