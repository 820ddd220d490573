// The cache: what was read a moment ago, for everybody else who wants to read the same. It is never needed. When it is
// away, silent, full or confused, people are served from the database as if it held nothing.

import { createClient } from 'redis';
import { Breaker } from './breaker.ts';
import { config } from './config.ts';
import { fill, look } from './cache-scripts.ts';

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
    scripts: { look, fill },
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
  let entry: string | null;
  let ticket: Ticket;
  try {
    const { since, isFirst, ...looked } = await breaker.run(() => client.look(key, lockMs));
    entry = looked.entry;
    if (entry === null && !isFirst) return 'somebody else reads it';
    ticket = { since, isAwaited: isFirst };
  } catch {
    return 'no cache'; // The breaker says why.
  }
  return entry === null ? { ticket } : { shown: parse<Value>(entry), ticket };
}
// #endregion

/** Puts what was read where others find it, unless it is older than what is there, and ends their wait. Never throws. */
export async function keep(key: string, { version, value }: Shown<unknown>, { since, isAwaited }: Ticket): Promise<void> {
  const entry = `${version} ${JSON.stringify(value)}`;
  await breaker.run(() => client.fill(key, { entry, version, since, lifetimeMs, isAwaited })).catch(() => {});
}

/** The version, a space, and the value as JSON. The version stands in front because the script has to read it as well. */
function parse<Value>(entry: string): Shown<Value> {
  const space = entry.indexOf(' ');
  return { version: Number(entry.slice(0, space)), value: JSON.parse(entry.slice(space + 1)) as Value };
}
