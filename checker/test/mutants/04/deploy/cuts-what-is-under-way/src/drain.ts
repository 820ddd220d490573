// Mutant: when the time of notice is over, it closes every connection, whatever it is used for.
// Leaving in order. A machine that is told to stop still has work in its hands, and more on the way to it.

import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from 'express';

// Until the balancer has asked for readiness again, and heard no.
const noticeMs = 2000;

let draining = false;

export function isDraining(): boolean {
  return draining;
}

/** Says first that it will go, serves whoever comes all the same, and closes when nobody is sent here any more. */
export async function drain(server: Server): Promise<void> {
  draining = true;
  await delay(noticeMs);
  server.close();
  server.closeAllConnections();
}

/** While it drains, each answer is the last on its connection: the next request has to find another way. */
export const drainable: RequestHandler = (_req, res, next) => {
  if (draining) res.set('Connection', 'close');
  next();
};
