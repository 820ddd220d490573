// Errors as answers: problem details (RFC 9457), which pages and phones can read.

import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';

/** An error that the caller may know about. */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

export const notFound: RequestHandler = (req) => {
  throw new Problem(404, `There is nothing at ${req.path}.`);
};

export const sendProblem: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  const problem = toProblem(error);
  if (problem !== error && problem.status >= 500) console.error(error);
  if (res.headersSent) {
    next(error);
    return;
  }

  const { status, headers, message: detail } = problem;
  const title = STATUS_CODES[status] ?? 'Error';
  res.status(status).set(headers);
  res.type('application/problem+json').send(JSON.stringify({ title, status, detail }));
};

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // Express and its body parser say so when it is the caller's mistake: a body that is not JSON, for example.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    return new Problem(error.status, error.message);
  }
  return new Problem(500, 'Something went wrong on our side.');
}
