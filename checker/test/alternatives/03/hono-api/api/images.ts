// The images: files on this machine's disk, served as they were uploaded.

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { Hono } from 'hono';
import { Problem } from './problems.ts';
import { settings } from './settings.ts';

const folder = path.join(settings.data, 'images');
const types: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif' };

export const images = new Hono();

images.get('/:file', async (c) => {
  const file = c.req.param('file');
  const type = types[path.extname(file).slice(1)];
  const bytes = type !== undefined && /^[\w-]+\.\w+$/.test(file) && (await readFile(path.join(folder, file)).catch(() => undefined));
  if (!bytes) throw new Problem(404, 'There is no such image.');
  return c.body(new Uint8Array(bytes), 200, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' });
});

/** Keeps an image. @returns the name of its file @throws Problem 415 when it is none */
export async function keep(bytes: Buffer): Promise<string> {
  const type = (await fileTypeFromBuffer(bytes))?.ext ?? '';
  if (!(type in types)) throw new Problem(415, 'Send a PNG, JPEG, WebP or GIF image.');
  const file = `${randomUUID()}.${type}`;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${file}.part`), bytes, { flush: true });
  await rename(path.join(folder, `${file}.part`), path.join(folder, file));
  return file;
}

export async function forget(file: string): Promise<void> {
  await rm(path.join(folder, file), { force: true });
}
