// What stays in the cache for ever, and how it grows.

import { requireThat, type App } from 'checker/check';

/** By name of a key that has no end: how many things are in it. */
export type Stays = ReadonlyMap<string, number>;

/** Keys that are few and always the same may grow by so many things, and it is no harm. */
const few = 3;
const commandOf: Record<string, string> = { hash: 'HLEN', set: 'SCARD', zset: 'ZCARD', list: 'LLEN', stream: 'XLEN' };

/** Keys without a time to live. */
export async function keysThatStay(app: App): Promise<Stays> {
  const redis = app.redis('cache');
  const stays = new Map<string, number>();
  for (const { name, ttlMs } of await redis.keys()) {
    if (ttlMs !== undefined) continue;
    const count = commandOf[String(await redis.send('TYPE', name))];
    stays.set(name, count === undefined ? 1 : Number(await redis.send(count, name)));
  }
  return stays;
}

/** @throws Failure when what stays for ever has grown by more than a few */
export function requireTheyEnd(before: Stays, after: Stays, did: string): void {
  const grown = [...after].map(([name, count]) => ({ name, by: count - (before.get(name) ?? 0) })).filter(({ by }) => by > 0);
  const by = grown.reduce((sum, key) => sum + key.by, 0);
  requireThat(by <= few, {
    did,
    saw: `${by} more things in Redis that have no time to live: ${grown.slice(0, 4).map((key) => `${key.name}${key.by > 1 ? ` (${key.by} more in it)` : ''}`).join(', ')}${grown.length > 4 ? ' …' : ''}`,
    expected: 'a time to live (EX or PX) on every key of a kind that grows with users, photos or pages',
    why: 'Memory is full one day, and a full Redis takes nothing more. What goes by itself needs nobody who tidies up.',
    machine: 'cache',
  });
}
