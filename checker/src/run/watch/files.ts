// Tells when files below a folder change, however they are changed: written in place, replaced by a rename, a
// thousand at once by a branch switch. File events come from chokidar. They do not arrive everywhere: on folders of
// Windows under WSL2, on shared folders of a virtual machine or container, when the system's watches are used up. So
// there is a slow look beside them. What it sees and no event told is told by it; when events told of nothing at all, it
// becomes a quick one and the only one.

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
  /** How often to look where they do: of two changes in one moment, there may be news of the first only. */
  lookMs?: number;
}

export interface FileWatch {
  close(): Promise<void>;
}

const defaultQuietMs = 25;
/** So many files at once are no save, but a branch switch or the like, and more may come. */
const manyFiles = 8;
const quietAfterManyMs = 250;
const defaultPollMs = 150;
const defaultLookMs = 1_000;
/** The state of a file that is not there. */
const gone = 'gone';
/** How much later than the look an event may still come. */
const patienceMs = 300;

/** Watches from the moment the promise is fulfilled. */
export async function watchFiles(folder: string, options: WatchOptions): Promise<FileWatch> {
  const { ignored = () => false, onChange, onPolling, quietMs = defaultQuietMs, pollMs = defaultPollMs, lookMs = defaultLookMs } = options;
  const relative = (file: string): string => path.relative(folder, file);
  const pending = new Set<string>();
  /** How files were when an event told of them, for those that no look has seen like that so far. */
  const told = new Map<string, string>();
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
    told.set(relative(file), stateOf(file));
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
      await pause(polling ? pollMs : lookMs);
      let seen = look(folder, ignored);
      // An event may be on its way.
      if (!polling && untold(known, seen, told).length > 0) {
        await pause(patienceMs);
        seen = look(folder, ignored);
      }
      if (closed) return;
      const differing = differences(known, seen);
      const missed = polling ? differing : untold(known, seen, told);
      if (missed.length > 0 && differing.every((file) => !told.has(file))) poll();
      for (const [file, state] of told) if (state === (seen.get(file) ?? gone)) told.delete(file);
      known = seen;
      missed.forEach(changed);
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
    return gone;
  }
}

/** The files that differ in another way than events told. */
function untold(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>, told: ReadonlyMap<string, string>): string[] {
  return differences(before, after).filter((file) => told.get(file) !== (after.get(file) ?? gone));
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const files = new Set([...before.keys(), ...after.keys()]);
  return [...files].filter((file) => before.get(file) !== after.get(file));
}
