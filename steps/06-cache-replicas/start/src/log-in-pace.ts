// How often one address may log in. Guessing passwords takes many tries, and people need few.

import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

// #region pace
/**
 * One log-in a second from each address, and up to ten at once. All machines count in the same row, or three of them would
 * allow three times as much. It keeps one moment for each address: when the next log-in would be due if all before had kept
 * to the pace. Whoever is more than ten seconds ahead has to wait. (The generic cell rate algorithm, ITU-T I.371.)
 */
export const atLogInPace: RequestHandler = async (req, _res, next) => {
  // The address that the balancer saw: app.ts says how far that is trusted. There is none when the client has left already.
  const address = req.ip ?? '';
  if (isIP(address) === 0) throw new Problem(400, 'Your address is not known.');
  const allowed = await query(
    `insert into log_ins (address, due_at) values ($1, now() + interval '1 second')
     on conflict (address) do update set due_at = greatest(log_ins.due_at, now()) + interval '1 second'
       where log_ins.due_at < now() + interval '10 seconds'
     returning address`,
    [address],
  );
  if (allowed.length === 0) {
    throw new Problem(429, 'Too many log-ins from your address. Try again in a moment.', { 'Retry-After': '1' });
  }
  next();
};
// #endregion
