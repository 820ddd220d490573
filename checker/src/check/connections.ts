import type { WireConnection } from '../runtime/index.ts';

/**
 * The largest number of connections that were open together for at least `forMs`. A pool that replaces a broken
 * connection opens the new one before the end of the old one has crossed the wire; that is no breach of its limit.
 * @param now on the clock of `performance.now()`: until when the open ones have been open
 */
export function mostHeldTogether(connections: readonly WireConnection[], forMs: number, now = performance.now()): number {
  const held = connections.map(({ openedAt, closedAt }) => ({ from: openedAt, to: (closedAt ?? now) - forMs }));
  return Math.max(0, ...held.filter(({ from, to }) => from <= to).map((one) => held.filter(({ from, to }) => from <= one.from && one.from <= to).length));
}
