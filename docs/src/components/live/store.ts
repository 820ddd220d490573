// What the page knows of the learner's own progress. `npm start` puts it into each page and tells what changes. On pages
// that are published without it there is nothing to know, and nothing is asked.
import type { Snapshot } from '../../../../checker/src/pages/snapshot.ts';
import { follow } from './events';
import { rememberPlace } from './place';
import { carriedOver, newsIn, type Progress } from './progress';

export interface Live {
  progress: Progress;
  connected: boolean;
  /** The pages have been built anew since this one was loaded. */
  outdated: boolean;
  /** What is to be said to those who do not see it. Numbered, as the same may be said twice. */
  news: { text: string; number: number };
}

export const unconnected = 'npm start has ended: these marks are as they were.';
export const builtAnew = 'These pages have been built anew.';

let live: Live | undefined;
let unfollow: (() => void) | undefined;
const listeners = new Set<() => void>();

/** For useSyncExternalStore. The first who listens begins it. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) begin();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) unfollow?.();
  };
}

/** Undefined until the page is hydrated, and on pages that are served without `npm start`. */
export function current(): Live | undefined {
  return live;
}

function begin(): void {
  const progress = live?.progress ?? injected();
  if (progress === undefined) return;
  change({ progress, connected: true, outdated: false, news: live?.news ?? { text: '', number: 0 } });
  unfollow = follow({
    onSnapshot: (next) => live && change({ ...live, ...update(live, next) }),
    onConnection: (connected) => live && change({ ...live, connected, ...(connected ? {} : told(live, unconnected)) }),
  });
}

function update(live: Live, next: Snapshot): Partial<Live> {
  const outdated = live.outdated || next.pages !== live.progress.pages;
  const news = [newsIn(live.progress, next), outdated && !live.outdated ? builtAnew : ''].filter(Boolean).join(' ');
  return { progress: carriedOver(live.progress, next), outdated, ...told(live, news) };
}

function told({ news }: Live, text: string): Partial<Live> {
  return text === '' ? {} : { news: { text, number: news.number + 1 } };
}

function change(next: Live): void {
  rememberPlace();
  live = next;
  for (const listener of listeners) listener();
}

function injected(): Snapshot | undefined {
  const text = document.getElementById('graminsta')?.textContent;
  return text ? (JSON.parse(text) as Snapshot) : undefined;
}
