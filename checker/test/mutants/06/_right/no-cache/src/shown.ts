import type { Shown } from './cache.ts';
import { query, type Query } from './db.ts';
export async function show<Value>(_key: string, _position: number, read: (run: Query) => Promise<Shown<Value>>): Promise<Shown<Value>> {
  return read(query);
}
