// Where the stack of `npm run up` is entered, in `.graminsta/entrances.json`: programs of the steps read it, such as the
// phone of step 3. Of several that run, it is the one that was started last.

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { isObject, keptFolder } from './kept-file.ts';

export interface Entrances {
  step: number;
  /** Addresses to dial, by the name of the entrance: `http://127.0.0.1:20301`. */
  entrances: Record<string, string>;
}

const file = path.join(keptFolder, 'entrances.json');

/** Says where, until this process ends. It is news and nothing more: a disk that takes none is no trouble. */
export function sayEntrances({ step, entrances }: Entrances): void {
  try {
    mkdirSync(keptFolder, { recursive: true });
    writeFileAtomic.sync(file, `${JSON.stringify({ step, entrances, process: process.pid }, null, 2)}\n`, { fsync: false });
    process.once('exit', forget);
  } catch {
    // Whoever needs the addresses finds them in the terminal.
  }
}

/** Takes back what this process said, and nothing that another one has said since. */
function forget(): void {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    if (isObject(content) && content['process'] === process.pid) rmSync(file, { force: true });
  } catch {
    // Gone already.
  }
}
