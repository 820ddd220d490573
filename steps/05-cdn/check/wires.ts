// What the wires of the API's machines carry: bytes that are none of theirs show there, whichever way they take.

import { type App } from 'checker/check';
import { apiSide } from './edges.ts';

/** Bytes both ways, by wire: `people → lb`, `api-1 → db`. */
export type Carried = ReadonlyMap<string, number>;

/** What every wire to and from lb and the API's machines has carried so far. */
export function carriedByApi({ stack }: App): Carried {
  const carried = new Map<string, number>();
  const names = stack.description.machines.map(({ name }) => name);
  const regions = new Set(['us', ...stack.description.machines.map(({ region }) => region)]);
  const api = apiSide(stack.description);
  for (const provider of names) {
    for (const consumer of [...names, ...[...regions].map((region) => `people in ${region}`)]) {
      if (!api.includes(provider) && !api.includes(consumer)) continue;
      for (const wire of stack.wiresBetween(consumer, provider)) {
        const { sentBytes, answeredBytes } = wire.seen();
        carried.set(wire.name, (carried.get(wire.name) ?? 0) + sentBytes + answeredBytes);
      }
    }
  }
  return carried;
}

/** The wire that has carried the most since `before`, and how much: the bytes take each of several wires one after the other. */
export function mostSince(before: Carried, now: Carried): { wire: string; bytes: number } {
  const since = [...now].map(([wire, bytes]) => ({ wire, bytes: bytes - (before.get(wire) ?? 0) }));
  return since.reduce((most, next) => (next.bytes > most.bytes ? next : most), { wire: 'none', bytes: 0 });
}
