// What people are shown: from this machine's memory for a moment, or else from the database.

import type { Shown } from './cache.ts';
import { query, type Query } from './db.ts';

const lifetimeMs = 1000;
const kept = new Map<string, { shown: Shown<unknown>; until: number }>();

export async function show<Value>(key: string, _position: number, read: (run: Query) => Promise<Shown<Value>>): Promise<Shown<Value>> {
  const known = kept.get(key);
  if (known && known.until > Date.now()) return known.shown as Shown<Value>;
  const shown = await read(query);
  kept.set(key, { shown, until: Date.now() + lifetimeMs });
  setTimeout(() => kept.delete(key), lifetimeMs).unref();
  return shown;
}

/** What this machine has changed, it does not remember. */
export function forgetShown(): void {
  kept.clear();
}
