// The cache: what was read a moment ago, for everybody else who wants to read the same. It is never needed. When it is
// away, silent, full or confused, people are served from the database as if it held nothing.

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

/** There is nothing to connect to. */
export function connectCache(): void {}
export function closeCache(): void {}

// #region look
/** `ticket` without `shown`: it is not there, and whoever has the ticket should read it from a database and hand it in by `keep`. */
export type Found<Value> = { shown?: Shown<Value>; ticket: Ticket } | 'somebody else reads it' | 'no cache';

const kept = new Map<string, { shown: Shown<unknown>; until: number }>();

/** What is kept under a key. */
export function lookUp<Value>(key: string): Promise<Found<Value>> {
  const entry = kept.get(key);
  const ticket = { since: Date.now(), isAwaited: true };
  return Promise.resolve(entry && entry.until > Date.now() ? { shown: entry.shown as Shown<Value>, ticket } : { ticket });
}
// #endregion

/** Keeps what was read. */
export function keep(key: string, shown: Shown<unknown>, { since }: Ticket): Promise<void> {
  kept.set(key, { shown, until: since + lifetimeMs });
  return Promise.resolve();
}
