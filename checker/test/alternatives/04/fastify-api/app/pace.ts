// How often one address may log in: ten times in any three seconds. The attempts themselves are counted, in a table that all
// machines share.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { of, sql } from './database.ts';
import { Problem } from './problems.ts';

const most = 10;
const windowSeconds = 3;

export async function notTooOften({ ip }: FastifyRequest, _reply: FastifyReply): Promise<void> {
  const isAllowed = await of(
    sql.begin(async (tx) => {
      // Two of the same address count one after the other.
      await tx`select pg_advisory_xact_lock(hashtextextended(${ip}, 0))`;
      await tx`delete from attempts where address = ${ip} and at < now() - make_interval(secs => ${windowSeconds})`;
      const [recent] = await tx<{ count: number }[]>`select count(*)::int as count from attempts where address = ${ip}`;
      if (!recent || recent.count >= most) return false;
      await tx`insert into attempts (address) values (${ip})`;
      return true;
    }),
  );
  if (!isAllowed) throw new Problem(429, 'Too many log-ins from your address.', { 'Retry-After': String(windowSeconds) });
}
