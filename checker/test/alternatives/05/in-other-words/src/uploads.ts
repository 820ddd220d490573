// Permissions to upload: the bytes of an image go to storage, past this API.

import { json, Router } from 'express';
import { config } from './config.ts';
import { query } from './db.ts';
import { isImageType, limitBytes, newImageName } from './image-names.ts';
import { permittedPath } from './permission.ts';
import { Problem } from './problems.ts';
import { loggedIn, userIn } from './sessions.ts';

export const uploads = Router();

// #region permit
uploads.post('/uploads', loggedIn, json({ limit: '1kb' }), async (req, res) => {
  const { type, size } = announced(req.body);
  if (!isImageType(type)) throw new Problem(415, 'Send a PNG, JPEG, WebP or GIF image.');
  if (size > limitBytes) throw new Problem(413, 'An image has at most 5 MB.');

  // Whose upload it is stays here: storage is told of one image, and not of a user.
  const name = newImageName(type);
  await query('insert into uploads (image, user_id) values ($1, $2)', [name, userIn(res).id]);
  const path = permittedPath({ method: 'PUT', name, type, size, expires: Date.now() + config.uploadMs }, config.uploadSecret);
  const url = new URL(path, config.storagePublicUrl);
  // For whoever reads logs. Nobody relies on them.
  url.searchParams.set('uploadId', name);
  url.searchParams.set('file', 'a-photo-of-somebody');
  res.status(201).json({ uploadId: name, url, headers: { 'Content-Type': type } });
});
// #endregion

/** What the client says of its image. Storage will hold it to that. */
function announced(body: unknown): { type: string; size: number } {
  if (typeof body === 'object' && body && 'type' in body && 'size' in body) {
    const { type, size } = body;
    if (typeof type === 'string' && typeof size === 'number' && Number.isSafeInteger(size) && size > 0) return { type, size };
  }
  throw new Problem(400, 'Send JSON with the type of the image and its size in bytes.');
}
