// Nobody waits for an answer for longer than this, whatever the reason is.

import type { RequestHandler } from 'express';
import { Unavailable } from './db.ts';
import { sendProblem } from './problems.ts';

const deadlineMs = 2500;

/** Counted from when the request has arrived whole: a slow phone may take its time to send a photo. */
export const deadline: RequestHandler = (req, res, next) => {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => {
      if (!res.headersSent) sendProblem(new Unavailable(`there was no answer for ${deadlineMs} ms`), req, res, next);
    }, deadlineMs);
  };
  const hasBody = req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined;
  if (hasBody) req.once('end', begin);
  else begin();
  res.once('close', () => clearTimeout(timer));
  next();
};
