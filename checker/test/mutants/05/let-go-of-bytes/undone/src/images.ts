// The images: rows in the database, where every machine finds them, served as they were uploaded.

import { randomUUID } from 'node:crypto';
import { type RequestHandler, Router } from 'express';
import { fileTypeFromBuffer } from 'file-type';
import multer, { MulterError } from 'multer';
import { query } from './db.ts';
import { Problem } from './problems.ts';

const limitBytes = 5 * 1024 * 1024;
const types = ['png', 'jpg', 'webp', 'gif'];
const validName = /^[\w-]+\.(?:png|jpg|webp|gif)$/;

// #region serve
export const images = Router();

images.get('/:name', async (req, res) => {
  const { name } = req.params;
  const [image] = validName.test(name)
    ? await query<{ bytes: Buffer }>('select bytes from images where name = $1', [name])
    : [];
  if (!image) throw new Problem(404, 'There is no such image.');
  // The name's extension is its type; nosniff keeps browsers from having another opinion.
  res.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'public, max-age=31536000, immutable' }).type(name).send(image.bytes);
});
// #endregion

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
