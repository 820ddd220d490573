// Errors as answers: problem details (RFC 9457) for programs, a page for people.

import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { render } from './views.ts';

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

export const sendProblem: ErrorRequestHandler = (error: unknown, req, res, next) => {
  const problem = toProblem(error);
  if (problem !== error && problem.status >= 500) console.error(error);
  if (res.headersSent) {
    next(error);
    return;
  }

  const { status, headers, message: detail } = problem;
  const title = STATUS_CODES[status] ?? 'Error';
  res.status(status).set(headers);
  // Exercise 3.1: whoever calls an API is a program.
  if (isForPrograms(req.path)) {
    res.type('application/problem+json').send(JSON.stringify({ title, status, detail }));
  } else {
    res.send(render('error', { title, detail }));
  }
};

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // Express and its body parser say so when it is the caller's mistake: a body that is not JSON, for example.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    return new Problem(error.status, error.message);
  }
  return new Problem(500, 'Something went wrong on our side.');
}

function isForPrograms(path: string): boolean {
  return path.startsWith('/api/') || path === '/livez' || path === '/readyz';
}
