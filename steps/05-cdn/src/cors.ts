// Pages of other origins that may read what the API answers: ours, and no other. The browser enforces it, and asks
// here first. https://fetch.spec.whatwg.org/#http-cors-protocol

import type { RequestHandler } from 'express';
import { config } from './config.ts';

const methods = 'GET, HEAD, POST, PUT, DELETE';
// Authorization has to be named: a * does not stand for it.
const headers = 'Authorization, Content-Type, Idempotency-Key';
// Of these a page would see nothing otherwise.
const readable = 'Retry-After, X-Served-By';
const preflightLastsSeconds = 600;

/** Stands before everything else, so that errors carry the permission too: without it a page cannot read what went wrong. */
export const cors: RequestHandler = (req, res, next) => {
  // The answer depends on who asks. A cache must not give the one for another origin, or for none, to our page.
  res.vary('Origin');
  // Exercise 5.1: a page that comes from three edges has three origins.
  if (req.headers.origin !== config.webOrigin) {
    next();
    return;
  }
  res.set({ 'Access-Control-Allow-Origin': config.webOrigin, 'Access-Control-Expose-Headers': readable });
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
