// How long ago something was, on a page that stays open.
import { useSyncExternalStore } from 'react';

const tickMs = 15_000;
const listeners = new Set<() => void>();
let now = 0;
let timer: number | undefined;

/** The present time in milliseconds, as of the last tick. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now, () => 0);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    tick();
    timer = window.setInterval(tick, tickMs);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}
