// Mutant: each machine counts for itself, so three allow three times as much.
// How often one address may log in. Guessing passwords takes many tries, and people need few.

import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { Problem } from './problems.ts';

const everyMs = 1000;
const aheadMs = 10_000;
/** When the next log-in of each address would be due. */
const dueAt = new Map<string, number>();

/** One log-in a second from each address, and up to ten at once. */
export const atLogInPace: RequestHandler = (req, _res, next) => {
  const address = req.ip ?? '';
  if (isIP(address) === 0) throw new Problem(400, 'Your address is not known.');
  const now = Date.now();
  const due = Math.max(dueAt.get(address) ?? 0, now);
  if (due > now + aheadMs - everyMs) {
    throw new Problem(429, 'Too many log-ins from your address. Try again in a moment.', { 'Retry-After': '1' });
  }
  dueAt.set(address, due + everyMs);
  next();
};
