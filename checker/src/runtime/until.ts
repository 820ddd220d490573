export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

export interface Patience {
  timeoutMs: number;
  /** Pause between two looks. */
  everyMs?: number;
  signal?: AbortSignal;
}

/**
 * Looks until there is something to see, and returns it.
 * @param what is awaited, for the message: `Postgres on db to accept connections`.
 * @throws TimeoutError when it did not come in time.
 */
export async function until<Seen>(
  what: string,
  look: () => Seen | undefined | false | Promise<Seen | undefined | false>,
  { timeoutMs, everyMs = 5, signal }: Patience,
): Promise<Seen> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    signal?.throwIfAborted();
    if (performance.now() > deadline) {
      throw new TimeoutError(`Waited ${timeoutMs / 1000} s for ${what}.`);
    }
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
