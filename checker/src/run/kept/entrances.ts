// Where the stacks of `npm run up` are entered: a file for each command that runs, in `.graminsta/entrances`. Programs of the
// steps read it, such as the phone of step 3. Of several it is the one that was started last.

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { isAlive } from '../../runtime/process-tree.ts';
import { keptFolder } from './kept-file.ts';

export interface Entrances {
  step: number;
  /** Addresses to dial, by the name of the entrance: `http://127.0.0.1:20301`. */
  entrances: Record<string, string>;
}

const folder = path.join(keptFolder, 'entrances');
const own = path.join(folder, `${process.pid}.json`);

/** Says where, until this process ends. It is news and nothing more: a disk that takes none is no trouble. */
export function sayEntrances({ step, entrances }: Entrances): void {
  try {
    mkdirSync(folder, { recursive: true });
    removeStale();
    const startedAt = new Date().toISOString();
    writeFileAtomic.sync(own, `${JSON.stringify({ step, startedAt, entrances }, null, 2)}\n`, { fsync: false });
    process.once('exit', forget);
  } catch {
    // Whoever needs the addresses finds them in the terminal.
  }
}

function forget(): void {
  try {
    rmSync(own, { force: true });
  } catch {
    // It counts for nothing once this process is gone.
  }
}

/** Commands that were killed left theirs, and their numbers may be given to other processes. */
function removeStale(): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = /^(\d+)\.json$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(path.join(folder, name), { force: true });
  }
}
