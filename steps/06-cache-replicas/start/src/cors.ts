// Pages of other origins that may read what is answered here: ours, one for each edge, and no other. The browser enforces
// it, and asks here first. https://fetch.spec.whatwg.org/#http-cors-protocol

import type { RequestHandler } from 'express';

const methods = 'GET, HEAD, POST, PUT, DELETE';
// Authorization has to be named: a * does not stand for it.
const headers = 'Authorization, Content-Type, Idempotency-Key';
// Of these a page would see nothing otherwise.
const readable = 'Retry-After, X-Served-By';
const preflightLastsSeconds = 600;

/** Stands before everything else, so that errors carry the permission too: without it a page cannot read what went wrong. */
export function cors(origins: readonly string[]): RequestHandler {
  return (req, res, next) => {
    // The answer depends on who asks. A cache must not give the one for another origin, or for none, to our page.
    res.vary('Origin');
    const { origin } = req.headers;
    if (origin === undefined || !origins.includes(origin)) {
      next();
      return;
    }
    res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': readable });
    if (req.method !== 'OPTIONS') {
      next();
      return;
    }
    // The preflight: may the page send such a request at all? Remembered by the browser, so that it costs once.
    res.set({
      'Access-Control-Allow-Methods': methods,
      'Access-Control-Allow-Headers': headers,
      'Access-Control-Max-Age': String(preflightLastsSeconds),
    });
    res.status(204).end();
  };
}
