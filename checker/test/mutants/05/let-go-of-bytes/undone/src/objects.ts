// The images on this machine's disk: one file each, written whole or not at all.

import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Router } from 'express';
import { Problem } from './problems.ts';

const limitBytes = 5 * 1024 * 1024;
const validName = /^[\w-]{1,80}\.(?:png|jpg|webp|gif)$/;
/** For a photo from before, from the API: the answer and all of its bytes. */
const patienceMs = 5_000;
/** Its dot makes sure that no image has such a name. */
const isUnfinished = (file: string): boolean => file.startsWith('.');

/** @param dataDir on the machine's own disk @param apiUrl where photos from before this step are asked for */
export async function objects({ dataDir, apiUrl }: { dataDir: string; apiUrl: string }): Promise<Router> {
  const folder = path.join(dataDir, 'images');
  await mkdir(folder, { recursive: true });
  // Half files of a program that was killed.
  for (const file of (await readdir(folder)).filter(isUnfinished)) await rm(path.join(folder, file), { force: true });

  const router = Router();

  // #region read
  router.get('/:name', async (req, res) => {
    const name = imageName(req.params.name);
    // The name's extension is its type; nosniff keeps browsers from having another opinion.
    const headers = { 'Cache-Control': 'public, max-age=31536000, immutable', ETag: `"${name}"`, 'X-Content-Type-Options': 'nosniff' };
    if (await exists(path.join(folder, name))) res.sendFile(name, { root: folder, headers, cacheControl: false, lastModified: false });
    else res.set(headers).type(name).send(await fetchOnce(name));
  });
  // #endregion

  // #region write
  router.put('/:name', async (req, res) => {
    const name = imageName(req.params.name);
    await write(name, piecesOf(req));
    res.status(201).end();
  });

  router.delete('/:name', async (req, res) => {
    await rm(path.join(folder, imageName(req.params.name)), { force: true });
    res.status(204).end();
  });

  /** Under another name first: what bears an image's name is whole. @throws Problem when it is too large or the disk is full */
  async function write(name: string, pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    const unfinished = path.join(folder, `.${randomUUID()}`);
    try {
      const file = await open(unfinished, 'wx');
      try {
        let bytes = 0;
        for await (const piece of pieces) {
          bytes += piece.length;
          if (bytes > limitBytes) throw new Problem(413, 'An image has at most 5 MB.');
          await file.appendFile(piece);
        }
        // On the disk, and not only in the system's memory, before anybody is told that it is stored.
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, path.join(folder, name));
    } catch (error) {
      throw isFull(error) ? new Problem(507, 'The disk of this machine is full.') : error;
    } finally {
      await rm(unfinished, { force: true });
    }
  }
  // #endregion

  // #region photos from before
  const underWay = new Map<string, Promise<Buffer>>();

  /** A photo from before this step: the API has its bytes, and is asked for them once, however many wait. */
  function fetchOnce(name: string): Promise<Buffer> {
    const known = underWay.get(name);
    if (known) return known;
    const fetched = fetchFromApi(name).finally(() => underWay.delete(name));
    underWay.set(name, fetched);
    return fetched;
  }

  async function fetchFromApi(name: string): Promise<Buffer> {
    const { status, bytes } = await ask(new URL(`/images/${name}`, apiUrl));
    if (status === 404) throw new Problem(404, 'There is no such image.');
    if (status !== 200) throw new Problem(503, 'The API, which may have this image, cannot be asked at the moment.', { 'Retry-After': '1' });
    // A full disk is no reason to refuse what is at hand.
    await write(name, [bytes]).catch((error: unknown) => console.error(`${name} is not kept: ${String(error)}`));
    return bytes;
  }
  // #endregion

  return router;
}

function imageName(name: string): string {
  // What is not exactly a name is no path either.
  if (!validName.test(name)) throw new Problem(404, 'There is no such image.');
  return name;
}

async function ask(url: URL): Promise<{ status: number; bytes: Buffer }> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(patienceMs) });
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  } catch {
    return { status: 0, bytes: Buffer.alloc(0) }; // Refused, silent, or broken off.
  }
}

/** The body as it comes. Left early, the connection stays, so that the sender gets an answer. */
async function* piecesOf(req: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const piece of req.iterator({ destroyOnReturn: false })) yield piece as Buffer;
  } catch {
    throw new Problem(400, 'The image has not come to its end.');
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(error.code);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(() => true, () => false);
}
