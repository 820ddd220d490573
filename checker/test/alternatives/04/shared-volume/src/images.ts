// The images: files on a disk that all API machines mount, served as they were uploaded.

import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { fileTypeFromBuffer } from 'file-type';
import multer, { MulterError } from 'multer';
import { config } from './config.ts';
import { Problem } from './problems.ts';

const limitBytes = 5 * 1024 * 1024;
const types = ['png', 'jpg', 'webp', 'gif'];

// The file's extension is its type; nosniff keeps browsers from having another opinion.
export const images = Router();
images.use(
  express.static(config.imagesDir, {
    index: false,
    cacheControl: false,
    setHeaders: (res) => res.setHeader('X-Content-Type-Options', 'nosniff'),
  }),
);

const upload = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: limitBytes, files: 1, fields: 10, fieldSize: 16 * 1024 },
}).single('image');

/** Reads the form of an upload into `req.file` and `req.body`. Whatever multer refuses is the sender's mistake. */
export const receiveImage: RequestHandler = (req, res, next) => {
  upload(req, res, (error: unknown) => {
    if (!error) next();
    else if (error instanceof MulterError && error.code === 'LIMIT_FILE_SIZE') {
      next(new Problem(413, 'An image has at most 5 MB.'));
    } else {
      next(new Problem(400, `The form cannot be read: ${error instanceof Error ? error.message : 'unknown error'}.`));
    }
  });
};

/** A new name for an image. Its type is found in the bytes, because the name and type that come with a file are only what its sender says. */
export async function imageName(bytes: Buffer): Promise<string> {
  const type = await fileTypeFromBuffer(bytes);
  if (!type || !types.includes(type.ext)) throw new Problem(415, 'Send a PNG, JPEG, WebP or GIF image.');
  return `${randomUUID()}.${type.ext}`;
}

/** Writes under another name and renames: under its own name a file is whole or not there at all. */
export async function saveImage(bytes: Buffer, name: string): Promise<void> {
  const unfinished = path.join(config.imagesDir, `.${name}.part`);
  await mkdir(config.imagesDir, { recursive: true });
  await writeFile(unfinished, bytes, { flush: true });
  await rename(unfinished, path.join(config.imagesDir, name));
}

export async function removeImage(name: string): Promise<void> {
  await rm(path.join(config.imagesDir, name), { force: true });
}
