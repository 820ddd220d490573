// What people are shown: from the cache, or else from the database and into the cache.

import { changesSoFar, keep, lookUp, type Shown } from './cache.ts';
import { query, type Query } from './db.ts';

export async function show<Value>(key: string, _position: number, read: (run: Query) => Promise<Shown<Value>>): Promise<Shown<Value>> {
  const kept = await lookUp<Value>(key);
  if (kept) return kept;
  const changes = await changesSoFar();
  const shown = await read(query);
  await keep(key, shown, changes);
  return shown;
}
