// Files on this machine's disk, written whole or not at all, and never changed.

import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from './problems.ts';

/** Its dot makes sure that nothing finished has such a name. */
const isUnfinished = (file: string): boolean => file.startsWith('.');

/** An empty file with this before the name of another that was deleted: the name does not come again. */
const gone = '.gone-';
/** Nobody has a permission that lasts longer. */
const goneMs = 24 * 60 * 60 * 1000;

/** A folder that is there afterwards, without the half files of a program that was killed. */
export async function openFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of (await readdir(folder)).filter(isUnfinished)) {
    const unfinished = path.join(folder, file);
    if (file.startsWith(gone) && (await stat(unfinished)).mtimeMs > Date.now() - goneMs) continue;
    await rm(unfinished, { force: true, recursive: true });
  }
  return folder;
}

export function exists(folder: string, name: string): Promise<boolean> {
  return access(path.join(folder, name)).then(() => true, () => false);
}

/** Whether there was a file of this name lately. */
export function wasDeleted(folder: string, name: string): Promise<boolean> {
  return exists(folder, gone + name);
}

/** Deletes a file for good: whoever may still write one of this name may not after this. */
export async function removeForGood(folder: string, name: string): Promise<void> {
  // The mark comes first, so that a file that gets its name meanwhile is either deleted here or finds the mark.
  await writeFile(path.join(folder, gone + name), '').catch((error: unknown) => {
    // There has to be a way to make room on a full disk.
    if (!isOf(error, ...full)) throw error;
  });
  await rm(path.join(folder, name), { force: true });
  await syncFolder(folder);
}

// #region write
/**
 * Writes a file, unless there is one of this name.
 * @param approve looks at the file before it gets its name, and throws when it should not
 * @throws Problem when there are more bytes than the limit (413), there is or was such a file (409), or the disk is full (507)
 */
export async function writeOnce(
  folder: string,
  name: string,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  limitBytes: number,
  approve: (file: string, bytes: number) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const unfinished = path.join(folder, `.${randomUUID()}`);
  try {
    const bytes = await write(unfinished, pieces, limitBytes);
    await approve(unfinished, bytes);
    // Unlike rename, it never puts one file in the place of another, and of two at the same moment one fails.
    await rename(unfinished, path.join(folder, name));
    if (await wasDeleted(folder, name)) {
      await rm(path.join(folder, name), { force: true });
      throw new Problem(409, 'The image of this name was deleted.');
    }
    await syncFolder(folder);
  } catch (error) {
    if (isOf(error, 'EEXIST')) throw new Problem(409, 'There is an image of this name already.');
    throw isOf(error, ...full) ? new Problem(507, 'The disk of this machine is full.') : error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function write(unfinished: string, pieces: AsyncIterable<Buffer> | Iterable<Buffer>, limitBytes: number): Promise<number> {
  const file = await open(unfinished, 'wx');
  try {
    let bytes = 0;
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > limitBytes) throw new Problem(413, `This image has more than ${limitBytes} bytes.`);
      await file.appendFile(piece);
    }
    // On the disk, and not only in the system's memory, before anybody is told that it is stored. So is its name, later.
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}
// #endregion

/** A file's name stands in its folder, which is written to the disk on its own. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const full = ['ENOSPC', 'EDQUOT', 'EFBIG'];

function isOf(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
