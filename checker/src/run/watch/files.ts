// Tells when files below a folder change, however they are changed: written in place, replaced by a rename, a
// thousand at once by a branch switch. File events come from chokidar. They do not arrive everywhere: on folders of
// Windows under WSL2, on shared folders of a virtual machine or container, when the system's watches are used up. So
// there is a slow look beside them, and when it sees what no event told, it becomes a quick one and the only one.

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { watch } from 'chokidar';
import { pause } from '../../runtime/until.ts';

export interface WatchOptions {
  /** Leaves out files and folders, by their path from the folder. */
  ignored?: (relative: string) => boolean;
  /** Told once nothing has changed for a moment, of all that changed; paths are from the folder. */
  onChange: (files: string[]) => void;
  /** Told once when file events turn out not to arrive. */
  onPolling?: () => void;
  /** How long nothing must change: an editor writes a file in more than one go. */
  quietMs?: number;
  /** How often to look where events do not arrive. */
  pollMs?: number;
}

export interface FileWatch {
  close(): Promise<void>;
}

const defaultQuietMs = 25;
/** So many files at once are no save, but a branch switch or the like, and more may come. */
const manyFiles = 8;
const quietAfterManyMs = 250;
const defaultPollMs = 150;
const slowLookMs = 1_000;
/** How much later than the look an event may still come. */
const patienceMs = 300;

/** Watches from the moment the promise is fulfilled. */
export async function watchFiles(folder: string, options: WatchOptions): Promise<FileWatch> {
  const { ignored = () => false, onChange, onPolling, quietMs = defaultQuietMs, pollMs = defaultPollMs } = options;
  const relative = (file: string): string => path.relative(folder, file);
  const pending = new Set<string>();
  /** Files of which an event told, since the last look. */
  const told = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let polling = false;
  let closed = false;

  const changed = (file: string): void => {
    if (closed) return;
    pending.add(file);
    clearTimeout(timer);
    timer = setTimeout(deliver, pending.size > manyFiles ? quietAfterManyMs : quietMs);
  };
  const deliver = (): void => {
    const files = [...pending].sort();
    pending.clear();
    onChange(files);
  };
  const poll = (): void => {
    if (polling || closed) return;
    polling = true;
    onPolling?.();
  };

  const events = watch(folder, { ignored: (file) => file !== folder && ignored(relative(file)), ignoreInitial: true, atomic: false });
  events.on('all', (_event, file) => {
    told.add(relative(file));
    if (!polling) changed(relative(file));
  });
  // No more watches (ENOSPC), no more files (EMFILE), a file system that has none.
  events.on('error', poll);
  await new Promise<void>((resolve) => {
    events.once('ready', resolve);
    events.once('error', () => resolve());
  });

  let known = look(folder, ignored);
  const looking = (async () => {
    while (!closed) {
      await pause(polling ? pollMs : slowLookMs);
      if (closed) return;
      const seen = look(folder, ignored);
      const differing = differences(known, seen);
      known = seen;
      const isTold = (): boolean => differing.length === 0 || differing.some((file) => told.has(file));
      if (!polling && !isTold()) await pause(patienceMs);
      const eventsArrive = !polling && isTold();
      told.clear();
      if (eventsArrive || differing.length === 0) continue;
      poll();
      differing.forEach(changed);
    }
  })();

  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await events.close();
      void looking;
    },
  };
}

/** Every file below a folder, with what changes when it is written. */
function look(folder: string, ignored: (relative: string) => boolean): Map<string, string> {
  const found = new Map<string, string>();
  const enter = (place: string): void => {
    for (const entry of entriesOf(path.join(folder, place))) {
      const file = path.join(place, entry.name);
      if (ignored(file)) continue;
      if (entry.isDirectory()) enter(file);
      else found.set(file, stateOf(path.join(folder, file)));
    }
  };
  enter('');
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function stateOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'gone';
  }
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const files = new Set([...before.keys(), ...after.keys()]);
  return [...files].filter((file) => before.get(file) !== after.get(file));
}
