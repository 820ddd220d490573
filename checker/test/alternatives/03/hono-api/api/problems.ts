// Errors as answers (RFC 9457).

import { STATUS_CODES } from 'node:http';
import type { ErrorHandler, NotFoundHandler } from 'hono';

export class Problem extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

export const unauthorized = (): Problem => new Problem(401, 'Log in first.', { 'WWW-Authenticate': 'Bearer' });

// What was set on the context before the error came, such as the permission for the page, is in `c.body` too.
export const handleErrors: ErrorHandler = (error, c) => {
  const problem = error instanceof Problem ? error : new Problem(500, 'Something went wrong on our side.');
  if (problem !== error) console.error(error);
  const { status, message: detail, headers } = problem;
  const body = JSON.stringify({ title: STATUS_CODES[status], status, detail });
  return c.body(body, status as 500, { ...headers, 'Content-Type': 'application/problem+json' });
};

export const nothingThere: NotFoundHandler = (c) => {
  throw new Problem(404, `There is nothing at ${c.req.path}.`);
};
