// The page: its files, and where it finds the API.

import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

const files = fileURLToPath(new URL('../client', import.meta.url));

/** @param apiUrl where browsers reach the API @param storageUrl where they reach this machine: past the edges, and only to upload */
export function page({ apiUrl, storageUrl }: { apiUrl: string; storageUrl: string }): Router {
  const router = Router();

  // #region config
  // The one thing that differs from place to place. The files are the same everywhere, so they can be built once.
  router.get('/config.json', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ apiUrl });
  });
  // #endregion

  // #region files
  // Whatever found its way into the page: the browser runs no script but ours, and lets the page talk to nobody but the API
  // and storage.
  const policy = `default-src 'self'; connect-src 'self' ${new URL(apiUrl).origin} ${new URL(storageUrl).origin}; img-src 'self' data:`;

  router.use(
    express.static(files, {
      setHeaders: (res) => {
        // So that a new page does not run with an old script.
        res.setHeader('Cache-Control', 'no-cache');
        res.setHeader('Content-Security-Policy', policy);
        res.setHeader('X-Content-Type-Options', 'nosniff');
      },
    }),
  );
  // #endregion

  return router;
}
