// How far a reader is: the highest version of the feed that they were told of. It travels with them, in the header
// X-Position, so that any machine knows what it must not show any more, and no machine has to remember anybody.

import type { Request, Response } from 'express';

/** What this reader may not see anything older than. 0 for whoever has seen nothing yet, or sends something that we never gave. */
export function positionOf(req: Request): number {
  const position = req.get('X-Position') ?? '';
  return /^\d{1,15}$/.test(position) ? Number(position) : 0;
}

/** Tells the reader of which version this answer is. Before any error, too: that a photo is gone is also something one has seen. */
export function tellPosition(res: Response, version: number): void {
  if (res.req.method !== 'GET') res.set('X-Position', String(version));
}
