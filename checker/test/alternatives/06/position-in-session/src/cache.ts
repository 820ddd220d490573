// The cache: what was read a moment ago, for everybody else who wants to read the same. It is never needed. When it is
// away, silent, full or confused, people are served from the database as if it held nothing.

import { createClient } from 'redis';
import { Breaker } from './breaker.ts';
import { config } from './config.ts';
import { drop, fill, look, raise } from './cache-scripts.ts';

/** What somebody was shown, and of which version of the feed that was. */
export interface Shown<Value> {
  version: number;
  value: Value;
}

/** Whoever reads from the database for the cache has one: since when they read, and whether others wait for them. */
export interface Ticket {
  since: number;
  isAwaited: boolean;
}

// How old it may be when it is shown: half of the 2 s after which everybody has to see a change.
const lifetimeMs = 1000;
// For how long others wait for whoever reads, if nothing is heard of them again.
const lockMs = 1000;

// #region client
/** A connection that is not there yet. */
function newClient() {
  const created = createClient({
    url: config.cacheUrl,
    scripts: { look, fill, drop, raise },
    // A command that cannot be sent fails at once. A queue of them would grow for as long as the cache is away.
    disableOfflineQueue: true,
    // Whether and when to connect again, the breaker knows.
    socket: { connectTimeout: 1000, reconnectStrategy: false },
  });
  // Without this, Node treats a lost connection as an error that nobody handles, and exits. What is asked next fails and says so.
  return created.on('error', () => {});
}

let client = newClient();

/** On a connection of its own: on the one before, old silence may lie. And with a write, because a full cache still says hello. */
async function tryAgain(): Promise<void> {
  client.destroy();
  client = newClient();
  await client.connect();
  await client.look('probe', 1);
}

// The client's own time-out is over when a command has been sent, and a silent server is sent everything. So the breaker has one.
const breaker = new Breaker({ name: 'the cache', patienceMs: 150, probe: tryAgain });

/** Goes on in the background: nobody waits for a cache. */
export function connectCache(): void {
  client.connect().catch(() => {});
}

export function closeCache(): void {
  client.destroy();
}
// #endregion

// #region look
/** `ticket` without `shown`: it is not there, and whoever has the ticket should read it from a database and hand it in by `keep`. */
export type Found<Value> = { shown?: Shown<Value>; ticket: Ticket } | 'somebody else reads it' | 'no cache';

/** What is kept under a key. Of all who find nothing, one gets a ticket, and the others do well to look again in a moment. Never throws. */
export async function lookUp<Value>(key: string): Promise<Found<Value>> {
  try {
    const { entry, since, isFirst } = await breaker.run(() => client.look(key, lockMs));
    if (entry === null && !isFirst) return 'somebody else reads it';
    const ticket = { since, isAwaited: isFirst };
    if (entry === null) return { ticket };
    const shown = parse<Value>(entry);
    if (shown) return { shown, ticket };
    // It is torn, or was written by something else. Once it is gone, the next look gives one ticket for all who found it.
    await breaker.run(() => client.drop(key, entry));
    return 'somebody else reads it';
  } catch {
    return 'no cache'; // The breaker says why.
  }
}
// #endregion

/** Puts what was read where others find it, unless it is older than what is there, and ends their wait. Never throws. */
export async function keep(key: string, { version, value }: Shown<unknown>, { since, isAwaited }: Ticket): Promise<void> {
  const entry = `${version} ${JSON.stringify(value)}`;
  await breaker.run(() => client.fill(key, { entry, version, since, lifetimeMs, isAwaited })).catch(() => {});
}

/** The version, a space, and the value as JSON. The version stands in front because the script has to read it as well. */
function parse<Value>(entry: string): Shown<Value> | undefined {
  const [, version, json] = /^(\d{1,15}) (.*)$/s.exec(entry) ?? [];
  try {
    const value: unknown = JSON.parse(json ?? '');
    return isListOrPage(value) ? { version: Number(version), value: value as Value } : undefined;
  } catch {
    return undefined;
  }
}

/** What is kept here is one or the other; which of them, and of which format, the key says. */
function isListOrPage(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((photo) => typeof photo === 'object' && photo !== null);
  return typeof value === 'object' && value !== null && 'photos' in value && 'next' in value && Array.isArray(value.photos) && isListOrPage(value.photos);
}

// #region seen
// What this machine knows of it: a cache that was emptied is told again.
let known = 0;

/** The highest version that anybody was shown who is not ahead of the replica; undefined when there is no cache. Never throws. */
export async function seenByAll(): Promise<number | undefined> {
  try {
    known = Math.max(known, (await breaker.run(() => client.raise('seen', known))) ?? 0);
    return known;
  } catch {
    return undefined;
  }
}

/** Never throws. */
export async function seesMore(version: number): Promise<void> {
  known = Math.max(known, version);
  await breaker.run(() => client.raise('seen', version)).catch(() => {});
}
// #endregion
