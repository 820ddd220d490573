// Mutant: images are kept in the process and not on the disk.
// The images: files on this machine's disk, served as they were uploaded.

import { randomUUID } from 'node:crypto';
import { type RequestHandler, Router } from 'express';
import { fileTypeFromBuffer } from 'file-type';
import multer, { MulterError } from 'multer';
import { Problem } from './problems.ts';

const kept = new Map<string, Buffer>();
const limitBytes = 5 * 1024 * 1024;
const types = ['png', 'jpg', 'webp', 'gif'];

// The file's extension is its type; nosniff keeps browsers from having another opinion.
export const images = Router();
images.get('/:name', (req, res, next) => {
  const bytes = kept.get(req.params.name);
  if (!bytes) {
    next();
    return;
  }
  res.set('X-Content-Type-Options', 'nosniff').type(req.params.name).send(bytes);
});

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

/** Looks at the bytes, because the name and type that come with a file are only what its sender says. */
export async function imageType(bytes: Buffer): Promise<string> {
  const type = await fileTypeFromBuffer(bytes);
  if (!type || !types.includes(type.ext)) throw new Problem(415, 'Send a PNG, JPEG, WebP or GIF image.');
  return type.ext;
}
export async function saveImage(bytes: Buffer, type: string): Promise<string> {
  const name = `${randomUUID()}.${type}`;
  kept.set(name, bytes);
  return name;
}

export async function removeImage(name: string): Promise<void> {
  kept.delete(name);
}
