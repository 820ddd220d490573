// What people are shown, from the cheapest place that is new enough for them.
//
// The promise: you see your own change at once, on every machine; what you see never goes back in time; others see it within
// 2 s plus the lag of the replica. Whatever is shown comes with the version of the feed that it is of (see schema.sql), so
// "new enough" is a comparison of two numbers, wherever it was read.

import { setTimeout as delay } from 'node:timers/promises';
import { keep, lookUp, type Shown, type Ticket } from './cache.ts';
import { DatabaseUnavailable } from './database.ts';
import { isPrimaryAway, query, queryReplica, type Query } from './db.ts';

/** Reads something from one database or the other. */
export type Read<Value> = (run: Query) => Promise<Shown<Value>>;

/** With the ticket by which it can be replaced, if it came out of the cache. */
type Found<Value> = Shown<Value> & { ticket?: Ticket };

// For how long somebody waits for another machine that reads the same.
const patienceMs = 250;
const lookAgainMs = 15;

// #region show
/** What is kept under `key`, or else what `read` finds: of `position` or newer. Throws `DatabaseUnavailable` when nobody can be asked. */
export async function show<Value>(key: string, position: number, read: Read<Value>): Promise<Shown<Value>> {
  const kept = await together(key, () => fromCache(key, read));
  if (String(kept.version) >= String(position)) return kept;
  // This reader knows of something newer. The replica may have it by now.
  const { ticket } = kept;
  const second = ticket ? await together(`${key} anew`, () => fromReplica(key, read, ticket)) : kept;
  if (String(second.version) >= String(position)) return second;
  return fromPrimary(key, position, read, second);
}
// #endregion

// #region places
/** From the cache. When it is not there, one machine reads it for all; when there is no cache, each machine for itself. */
async function fromCache<Value>(key: string, read: Read<Value>): Promise<Found<Value>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await lookUp<Value>(key);
    if (found === 'no cache') return fromReplica(key, read);
    if (found === 'somebody else reads it') {
      if (performance.now() > deadline) return fromReplica(key, read);
      await delay(lookAgainMs);
    } else {
      const { shown, ticket } = found;
      return shown ? { ...shown, ticket } : fromReplica(key, read, ticket);
    }
  }
}

/** From the replica, or from the primary when there is none; and into the cache. */
async function fromReplica<Value>(key: string, read: Read<Value>, ticket?: Ticket): Promise<Found<Value>> {
  const shown = await read(queryReplica).catch(() => read(query));
  if (ticket) await keep(key, shown, ticket);
  return shown;
}

/**
 * From the primary, for a reader who is further than the replica. It does not go into the cache: whoever saw it would be as far
 * as this one, and as long as the replica is behind, all of them would come here.
 *
 * A promise is worth little to whoever sees nothing at all: while the primary is away, a feed of a moment ago is shown. Away, and
 * not slow: a slow one still knows what this reader has seen, and is waited for. The older feed comes with the reader's own position,
 * so that nothing is forgotten by it, and the next answer is of that position again.
 */
async function fromPrimary<Value>(key: string, position: number, read: Read<Value>, older: Shown<Value>): Promise<Shown<Value>> {
  const asBefore = { ...older, version: position };
  if (isPrimaryAway()) return asBefore;
  const readThere = (): Promise<Shown<Value>> => together(`${key} primary`, () => read(query));
  try {
    const shown = await readThere();
    // It may have been under way for somebody else before the change that this reader knows of. The next one was not.
    return shown.version >= position ? shown : await readThere();
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return asBefore;
    throw error;
  }
}
// #endregion

// #region together
const underWay = new Map<string, Promise<unknown>>();

/** Does the same work once for all on this machine who want it while it is under way. */
function together<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const already = underWay.get(name) as Promise<Result> | undefined;
  if (already) return already;
  const begun = work().finally(() => underWay.delete(name));
  underWay.set(name, begun);
  return begun;
}
// #endregion
