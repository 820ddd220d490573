// Which exercise is judged right now, by which command: a file for each command in `.graminsta/running`. The pages of
// `npm start` look there, whichever terminal the command runs in.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { isAlive } from '../../runtime/process-tree.ts';
import { isObject, keptFolder } from './kept-file.ts';

export interface Running {
  step: string;
  slug: string;
}

const folder = path.join(keptFolder, 'running');
const own = path.join(folder, `${process.pid}.json`);
const longestMs = 10 * 60_000;
let isSaid = false;

/** Says what this command judges now; undefined when nothing. It is news and nothing more: a disk that takes none is no trouble. */
export function sayRunning(running: Running | undefined): void {
  try {
    if (running === undefined) return rmSync(own, { force: true });
    if (!isSaid) process.once('exit', () => sayRunning(undefined));
    isSaid = true;
    mkdirSync(folder, { recursive: true });
    writeFileAtomic.sync(own, JSON.stringify(running), { fsync: false });
  } catch {
    // Then the pages show it when it is judged.
  }
}

/** What is judged now by any command. Files of commands that were killed count for nothing, and go, if they can. */
export function readRunning(): Running[] {
  return namesIn(folder).flatMap((name) => {
    const file = path.join(folder, name);
    try {
      // The number of one that was killed may be somebody else's by now, and no exercise takes so long.
      if (!isAlive(Number.parseInt(name, 10)) || Date.now() - statSync(file).mtimeMs > longestMs) {
        rmSync(file, { force: true });
        return [];
      }
      const content = JSON.parse(readFileSync(file, 'utf8')) as unknown;
      return isObject(content) && typeof content['step'] === 'string' && typeof content['slug'] === 'string' ? [{ step: content['step'], slug: content['slug'] }] : [];
    } catch {
      return [];
    }
  });
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place).filter((name) => /^\d+\.json$/.test(name));
  } catch {
    return [];
  }
}
