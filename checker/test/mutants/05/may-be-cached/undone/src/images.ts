// Photos from before the uploads went to storage: their bytes are rows in the database, and storage fetches each once.

import { Router } from 'express';
import { query } from './db.ts';
import { isImageName } from './image-names.ts';
import { Problem } from './problems.ts';

// #region serve
export const images = Router();

images.get('/:name', async (req, res) => {
  const { name } = req.params;
  const [image] = isImageName(name) ? await query<{ bytes: Buffer }>('select bytes from images where name = $1', [name]) : [];
  if (!image) throw new Problem(404, 'There is no such image.');
  // The name's extension is its type; nosniff keeps browsers from having another opinion.
  res.set('X-Content-Type-Options', 'nosniff').type(name).send(image.bytes);
});
// #endregion
