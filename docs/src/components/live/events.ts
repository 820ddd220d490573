// Follows the event stream of `npm start`, for as long as the page can be seen, and across its restarts.
import type { Snapshot } from '../../../../checker/src/pages/snapshot.ts';

/** How long a connection may be away before anybody is told. */
const patienceMs = 2_000;
const reopenMs = 1_000;

export interface Follower {
  onSnapshot(snapshot: Snapshot): void;
  /** Told when the connection has been away for a while, and when it is back. */
  onConnection(connected: boolean): void;
}

/** Returns what ends it. */
export function follow({ onSnapshot, onConnection }: Follower): () => void {
  let source: EventSource | undefined;
  let reopening: number | undefined;
  let losing: number | undefined;
  let isLost = false;

  const open = (): void => {
    expectConnection();
    const opened = new EventSource('/_graminsta/events');
    source = opened;
    opened.onmessage = ({ data }) => {
      isConnected();
      onSnapshot(JSON.parse(data as string) as Snapshot);
    };
    opened.onerror = () => {
      expectConnection();
      // While it connects, the browser tries again by itself. Closed means that it has given up.
      if (opened.readyState === EventSource.CLOSED) reopening = window.setTimeout(open, reopenMs);
    };
  };
  const close = (): void => {
    source?.close();
    window.clearTimeout(reopening);
    window.clearTimeout(losing);
    losing = undefined;
  };
  const expectConnection = (): void => {
    losing ??= window.setTimeout(() => {
      isLost = true;
      onConnection(false);
    }, patienceMs);
  };
  const isConnected = (): void => {
    window.clearTimeout(losing);
    losing = undefined;
    if (isLost) onConnection(true);
    isLost = false;
  };

  // A browser keeps six connections to one server, for all of its tabs. With six pages left open in the background and
  // a stream for each, the seventh would never load.
  const followWhileSeen = (): void => {
    close();
    if (document.visibilityState === 'visible') open();
  };
  document.addEventListener('visibilitychange', followWhileSeen);
  followWhileSeen();
  return () => {
    document.removeEventListener('visibilitychange', followWhileSeen);
    close();
  };
}
