// The images as files: written under another name, then renamed.

import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { config } from './config.ts';

export const limitBytes = 5 * 1024 * 1024;

const folder = path.join(config.dataDir, 'photos');
const unfinished = path.join(config.dataDir, 'unfinished');
await mkdir(folder, { recursive: true });
// What a crash left behind belongs to no photo.
await rm(unfinished, { recursive: true, force: true });
await mkdir(unfinished, { recursive: true });

export async function saveImage(bytes: Buffer, extension: string): Promise<string> {
  const name = `${randomUUID()}.${extension}`;
  const file = await open(path.join(unfinished, name), 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path.join(unfinished, name), path.join(folder, name));
  return name;
}

export async function imageFile(name: string): Promise<Buffer | undefined> {
  if (!/^[0-9a-f-]{36}\.[a-z]{3,4}$/.test(name)) return undefined;
  return readFile(path.join(folder, name)).catch(() => undefined);
}

export async function removeImage(name: string): Promise<void> {
  await rm(path.join(folder, name), { force: true });
}
