// The images on this machine's disk: whoever knows a name may read, and who has a permission of the API's may write, once.

import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { type Request, Router } from 'express';
import { fileTypeFromFile } from 'file-type';
import { cors } from './cors.ts';
import { exists, openFolder, removeForGood, wasDeleted, writeOnce } from './disk.ts';
import { isImageName, limitBytes } from './image-names.ts';
import { isSigned, type Permission } from './permission.ts';
import { Problem } from './problems.ts';

/** For a photo from before, from the API: the answer and all of its bytes. */
const patienceMs = 5_000;
/** How many of them it is asked for at once, and how many may wait for that. */
const mostAtOnce = 16;
const mostWaiting = 32;
/** Another image has another name. So whoever has this one never needs to ask for it again. */
const keepForGood = 'public, max-age=31536000, immutable';

export interface ObjectsOptions {
  /** On the machine's own disk. */
  dataDir: string;
  /** Pages that may upload from a browser. */
  webOrigins: readonly string[];
  /** What the API signs permissions with. */
  secret: string;
  /** Where photos from before this step are asked for. */
  apiUrl: string;
}

export async function objects({ dataDir, webOrigins, secret, apiUrl }: ObjectsOptions): Promise<Router> {
  const folder = await openFolder(path.join(dataDir, 'images'));
  const router = Router();

  // #region read
  router.get('/:name', async (req, res) => {
    const name = imageName(req);
    // The name is all that there is to know: it is a strong ETag, the same after every start and on every disk.
    // nosniff keeps browsers from having another opinion of the type, which is the name's extension.
    const headers = { 'Cache-Control': keepForGood, ETag: `"${name}"`, 'X-Content-Type-Options': 'nosniff' };
    if (await exists(folder, name)) res.sendFile(name, { root: folder, headers, cacheControl: false, lastModified: false });
    else res.set(headers).type(name).send(await fetchOnce(name));
  });
  // #endregion

  // #region write
  // Only here, so that what edges keep does not depend on who asks.
  const allow = cors(webOrigins);
  router.options('/:name', allow);
  router.put('/:name', allow);
  router.put('/:name', async (req, res) => {
    const permission = requirePermission(req, 'PUT', secret);
    const { name, type, size } = permission;
    if (Number(req.headers['content-length'] ?? 0) > size) throw new Problem(413, `This image was announced with ${size} bytes.`);
    // A name is for one image. It is taken also when that was deleted, or a permission would be good for two.
    if ((await exists(folder, name)) || (await wasDeleted(folder, name))) throw new Problem(409, 'This image has been uploaded already.');
    await writeOnce(folder, name, piecesOf(req), size, async (file, bytes) => {
      if (bytes !== size) throw new Problem(400, `This image was announced with ${size} bytes, and has ${bytes}.`);
      // What a client says of its bytes is signed, and still only what it says.
      if ((await fileTypeFromFile(file))?.mime !== type) throw new Problem(415, `This is not of the type ${type}.`);
    });
    res.status(201).end();
  });

  router.delete('/:name', async (req, res) => {
    const { name } = requirePermission(req, 'DELETE', secret);
    await removeForGood(folder, name);
    res.status(204).end();
  });
  // #endregion

  // #region photos from before
  const underWay = new Map<string, Promise<Buffer>>();

  /** A photo from before this step: the API has its bytes, and is asked for them once, however many wait. */
  function fetchOnce(name: string): Promise<Buffer> {
    const known = underWay.get(name);
    if (known) return known;
    // Anybody can make up names, and each is a question.
    if (underWay.size >= mostAtOnce + mostWaiting) throw new Problem(503, 'Too many images are asked for that are not here.', { 'Retry-After': '1' });
    const fetched = inTurn(() => fetchFromApi(name)).finally(() => underWay.delete(name));
    underWay.set(name, fetched);
    return fetched;
  }

  let turns = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (turns < mostAtOnce) turns += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever is next has this turn, and nobody can come in between.
      const next = waiting.shift();
      if (next) next();
      else turns -= 1;
    }
  }

  async function fetchFromApi(name: string): Promise<Buffer> {
    const { status, bytes } = await ask(new URL(`/images/${name}`, apiUrl));
    // As some object stores do: who may not list what is there is not told what is not.
    if (status === 404) throw new Problem(403, 'There is no such image, or you may not see it.');
    if (status !== 200) throw new Problem(503, 'The API, which may have this image, cannot be asked at the moment.', { 'Retry-After': '1' });
    // A full disk is no reason to refuse what is at hand.
    await writeOnce(folder, name, [bytes], limitBytes).catch((error: unknown) => console.error(`${name} is not kept: ${String(error)}`));
    return bytes;
  }
  // #endregion

  return router;
}

// #region permission
/** The permission that comes with a request. @throws Problem 403 when it is none, belongs to something else, or is over */
function requirePermission(req: Request<{ name: string }>, method: Permission['method'], secret: string): Permission {
  const { size, expires, signature } = req.query;
  const permission: Permission = { method, name: imageName(req), type: req.get('Content-Type') ?? '', size: numberOf(size), expires: numberOf(expires) };
  if (typeof signature !== 'string' || !isSigned(permission, signature, secret)) throw new Problem(403, 'You have no permission for this.');
  if (Date.now() > permission.expires) throw new Problem(403, 'This permission is over. Ask for another one.');
  return permission;
}

function numberOf(text: unknown): number {
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : -1;
}
// #endregion

function imageName(req: Request<{ name: string }>): string {
  // What is not exactly a name is no path either.
  if (!isImageName(req.params.name)) throw new Problem(404, 'There is no such image.');
  return req.params.name;
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
