// What stays in the cache for ever, and how it grows.

import { requireThat, type App } from 'checker/check';

/** By name of a key that has no end: how many things are in it. */
export type Stays = ReadonlyMap<string, number>;

/** Keys that are few and always the same may grow by so many things, and it is no harm. */
const few = 3;
/**
 * What is in one key and may be kept short counts from here on. Less may be the newest photos or people, of which the oldest is taken
 * out: with so few there is no telling. Lists and sorted sets are what people cut to a length, and count as one.
 */
const oneForEach = 12;
const commandOf: Record<string, string> = { hash: 'HLEN', set: 'SCARD' };

/** Keys without a time to live, in all databases of the cache. */
export async function keysThatStay(app: App): Promise<Stays> {
  const redis = app.redis('cache');
  const stays = new Map<string, number>();
  for (const { name, database, ttlMs } of await redis.keys()) {
    if (ttlMs !== undefined) continue;
    const count = commandOf[String(await redis.sendTo(database, 'TYPE', name))];
    const told = database === 0 ? name : `${name} in database ${database}`;
    stays.set(told, count === undefined ? 1 : Number(await redis.sendTo(database, count, name)));
  }
  return stays;
}

/** How many things more there are, of those that count. */
function growthOf(count: number, before: number | undefined): number {
  if (before === undefined) return count > oneForEach ? count : 1;
  return count - before > oneForEach ? count - before : 0;
}

/** @throws Failure when what stays for ever has grown by more than a few */
export function requireTheyEnd(before: Stays, after: Stays, did: string): void {
  const grown = [...after].map(([name, count]) => ({ name, by: growthOf(count, before.get(name)) })).filter(({ by }) => by > 0);
  const by = grown.reduce((sum, key) => sum + key.by, 0);
  requireThat(by <= few, {
    did,
    saw: `${by} more things in Redis that have no time to live: ${grown.slice(0, 4).map((key) => `${key.name}${key.by > 1 ? ` (${key.by} more in it)` : ''}`).join(', ')}${grown.length > 4 ? ' …' : ''}`,
    expected: 'a time to live (EX or PX) on every key of a kind that grows with users, photos or pages',
    why: 'Memory is full one day, and a full Redis takes nothing more. What goes by itself needs nobody who tidies up.',
    machine: 'cache',
  });
}
