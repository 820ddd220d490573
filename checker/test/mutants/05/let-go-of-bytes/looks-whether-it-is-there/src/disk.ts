// Files on this machine's disk, written whole or not at all, and never changed.

import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Problem } from './problems.ts';

/** Its dot makes sure that nothing finished has such a name. */
const isUnfinished = (file: string): boolean => file.startsWith('.');

/** A folder that is there afterwards, without the half files of a program that was killed. */
export async function openFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of (await readdir(folder)).filter(isUnfinished)) await rm(path.join(folder, file), { force: true, recursive: true });
  return folder;
}

// #region write
/**
 * Writes a file, unless there is one of this name.
 * @param approve looks at the file before it gets its name, and throws when it should not
 * @throws Problem when there are more bytes than the limit (413), there is such a file (409), or the disk is full (507)
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
  } catch (error) {
    if (isOf(error, 'EEXIST')) throw new Problem(409, 'There is an image of this name already.');
    throw isOf(error, 'ENOSPC', 'EDQUOT', 'EFBIG') ? new Problem(507, 'The disk of this machine is full.') : error;
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
    // On the disk, and not only in the system's memory, before anybody is told that it is stored.
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}
// #endregion

function isOf(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
