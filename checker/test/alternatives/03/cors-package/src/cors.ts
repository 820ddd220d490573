// Right in another way: the package cors, told one origin. It says the same to everybody, whoever asks; the browser of a
// page of another origin reads that the permission is not for it.

import cors from 'cors';
import type { RequestHandler } from 'express';
import { config } from './config.ts';

const allowOnlyOurPage: RequestHandler = cors({
  origin: config.webOrigin,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  allowedHeaders: ['Authorization', 'Content-Type'],
  exposedHeaders: ['Retry-After', 'X-Served-By'],
  maxAge: 600,
});

export { allowOnlyOurPage as cors };
