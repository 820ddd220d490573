// The workshop's folder: where it lies, and whether it keeps what somebody has done.

import { accessSync, constants, existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isObject, reasonOf } from '../run/kept/kept-file.ts';
import { isWsl } from './computer.ts';
import type { Check } from './document.ts';
import type { Surroundings } from './surroundings.ts';

/** The newest format of progress.json that this version understands; a test compares it with what is written. */
const progressFormat = 1;

export async function folderChecks(around: Surroundings): Promise<Check[]> {
  const checks = await Promise.all([placeCheck(around), keptCheck(around), cacheCheck(around), progressCheck(around)]);
  return checks.filter((check) => check !== undefined);
}

/** Where the folder lies matters in WSL only. */
async function placeCheck(around: Surroundings): Promise<Check | undefined> {
  if (!(await isWsl(around))) return undefined;
  const check = { id: 'place', section: 'folder', name: 'place' } as const;
  if (!around.repository.startsWith('/mnt/')) return { ...check, state: 'fine', saw: 'in the file system of Linux' };
  return {
    ...check,
    state: 'note',
    saw: 'below /mnt, on a disk of Windows: slow, and `check --watch` has to look at the files again and again',
    remedy: 'clone the workshop below your Linux home folder',
  };
}

async function keptCheck({ kept, discreet }: Surroundings): Promise<Check> {
  const check = { id: 'kept', section: 'folder', name: 'writing' } as const;
  const place = discreet(kept).replace(/^\.\//, '');
  // The lock lies beside the folder. A folder that is not there yet will be made.
  const folders = existsSync(kept) ? [kept, path.dirname(kept)] : [nearestOf(kept)];
  try {
    await Promise.all(folders.map(tryToWrite));
    return { ...check, state: 'fine', saw: `what you do can be kept in ${place}` };
  } catch (error) {
    return { ...check, state: 'wrong', saw: `what you do cannot be kept: ${discreet(reasonOf(error))}`, remedy: `make the folder of the workshop and ${place} your own, with room on the disk` };
  }
}

/** The first folder above that exists. */
function nearestOf(folder: string): string {
  const above = path.dirname(folder);
  return existsSync(above) ? above : nearestOf(above);
}

async function tryToWrite(folder: string): Promise<void> {
  const trace = path.join(folder, `.graminsta-doctor-${process.pid}`);
  try {
    await writeFile(trace, 'The doctor tried whether this folder can be written.\n');
  } finally {
    await rm(trace, { force: true });
  }
}

/** Told of only when it is wrong: somebody ran a command as root, and is not root now. */
async function cacheCheck({ cacheFolder, discreet }: Surroundings): Promise<Check | undefined> {
  try {
    accessSync(cacheFolder(), constants.W_OK);
    return undefined;
  } catch (error) {
    return { id: 'cache', section: 'folder', name: 'cache', state: 'wrong', saw: discreet(error instanceof Error ? error.message : String(error)).replace(/\.$/, '') };
  }
}

async function progressCheck({ kept }: Surroundings): Promise<Check> {
  const check = { id: 'progress', section: 'folder', name: 'progress' } as const;
  const [state, copy] = await Promise.all([stateOf(path.join(kept, 'progress.json')), stateOf(path.join(kept, 'progress.copy.json'))]);
  switch (state) {
    case 'absent':
      return copy === 'whole' ? { ...check, state: 'note', saw: 'the file is gone; its copy is read' } : { ...check, state: 'fine', saw: 'none yet' };
    case 'whole':
      return { ...check, state: 'fine', saw: 'can be read' };
    case 'newer':
      return { ...check, state: 'note', saw: 'written by a newer version of the workshop; what is understood counts, and nothing is lost', remedy: 'git pull' };
    case 'torn':
      return { ...check, state: 'note', saw: copy === 'whole' ? 'the file is torn; its copy is read' : 'the file is torn, and there is no copy: it begins anew' };
    case 'unreadable':
      return { ...check, state: 'wrong', saw: 'there, and may not be read', remedy: 'make the files in .graminsta your own' };
  }
}

async function stateOf(file: string): Promise<'absent' | 'whole' | 'newer' | 'torn' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'unreadable';
  }
  try {
    const content = JSON.parse(text) as unknown;
    if (!isObject(content)) return 'torn';
    return typeof content['format'] === 'number' && content['format'] > progressFormat ? 'newer' : 'whole';
  } catch {
    return 'torn';
  }
}
