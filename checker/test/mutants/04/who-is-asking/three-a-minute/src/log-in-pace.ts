// Mutant: three log-ins a minute are allowed: one a second is refused.
// How often one address may log in. Guessing passwords takes many tries, and people need few.

import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { query } from './db.ts';
import { Problem } from './problems.ts';

/** Three log-ins from each address in a minute. All machines count in the same row. */
export const atLogInPace: RequestHandler = async (req, _res, next) => {
  // The address that the balancer saw: app.ts says how far that is trusted. There is none when the client has left already.
  const address = req.ip ?? '';
  if (isIP(address) === 0) throw new Problem(400, 'Your address is not known.');
  const [counted] = await query<{ count: number }>(
    `insert into log_ins (address, due_at, count) values ($1, now() + interval '60 seconds', 1)
     on conflict (address) do update set
       count = case when log_ins.due_at < now() then 1 else log_ins.count + 1 end,
       due_at = case when log_ins.due_at < now() then now() + interval '60 seconds' else log_ins.due_at end
     returning count`,
    [address],
  );
  if (counted && counted.count > 3) {
    throw new Problem(429, 'Too many log-ins from your address. Try again in a moment.', { 'Retry-After': '60' });
  }
  next();
};
