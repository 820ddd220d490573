// Leaving in order. A machine that is told to stop still has work in its hands, and more on the way to it.

import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestHandler } from 'express';

// Until the balancer has asked for readiness again, and heard no.
const noticeMs = 2000;
// From the signal on, for everything: less than the grace of a deploy, which is 10 s.
const patienceMs = 9000;

let draining = false;
let underWay = 0;

export function isDraining(): boolean {
  return draining;
}

// #region drain
/** Says first that it will go, serves whoever comes all the same, and closes when nobody is sent here any more and all have their answers. */
export async function drain(server: Server): Promise<void> {
  draining = true;
  const deadline = Date.now() + patienceMs;
  await delay(noticeMs);
  // `close` alone would not do: to Node.js an answer is over when it is written, and to a slow client when the last byte has come.
  while (underWay > 0 && Date.now() < deadline) await delay(20);
  server.close();
  server.closeAllConnections();
}

/** Knows how many answers are under way. While it drains, each is the last on its connection: the next request has to find another way. */
export const drainable: RequestHandler = (_req, res, next) => {
  underWay += 1;
  res.once('close', () => (underWay -= 1));
  if (draining) res.set('Connection', 'close');
  next();
};
// #endregion
