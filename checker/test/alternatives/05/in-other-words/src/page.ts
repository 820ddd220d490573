// The page: its files, and where it finds the API.

import { type Response, Router } from 'express';
import { Problem } from './problems.ts';
import type { Published } from './publish.ts';

// #region cache
/** A new page is live everywhere within seconds; while this machine is away, the old one is better than none. */
const keepForSeconds = 'public, max-age=10, stale-if-error=86400';
/** What has its version in its address never changes. */
const keepForGood = 'public, max-age=31536000';
// #endregion

export interface PageOptions {
  /** Where browsers reach the API. */
  apiUrl: string;
  /** Where they reach this machine: past the edges, and only to upload. */
  storageUrl: string;
  published: Published;
}

export function page({ apiUrl, storageUrl, published }: PageOptions): Router {
  const router = Router();

  // #region config
  // The one thing that differs from place to place. The files are the same everywhere, so they can be built once.
  router.get('/config.json', (_req, res) => {
    res.set('Cache-Control', keepForSeconds).json({ apiUrl });
  });
  // #endregion

  // #region files
  // Whatever found its way into the page: the browser runs no script but ours, and lets the page talk to nobody but the API
  // and storage.
  const policy = `default-src 'self'; connect-src 'self' ${new URL(apiUrl).origin} ${new URL(storageUrl).origin}; img-src 'self' data:`;

  function send(res: Response, type: string, content: string | Buffer, cacheControl: string): void {
    // Express makes the ETag of the content: it is the same after every start.
    res.set({ 'Cache-Control': cacheControl, 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff' }).type(type).send(content);
  }

  router.get(['/', '/index.html'], (_req, res) => {
    send(res, 'html', published.html, keepForSeconds);
  });

  router.get('/v/:version/*file', async (req, res) => {
    const { version, file } = req.params;
    const content = await published.fileOf(version, file);
    if (!content) throw new Problem(404, 'There is no such file.');
    send(res, file.at(-1) ?? '', content, keepForGood);
  });
  // #endregion

  return router;
}
