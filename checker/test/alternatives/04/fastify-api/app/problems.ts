// Errors as answers (RFC 9457).

import { STATUS_CODES } from 'node:http';
import type { FastifyInstance } from 'fastify';

export class Problem extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

export function handleErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(({ url }) => {
    throw new Problem(404, `There is nothing at ${url}.`);
  });
  app.setErrorHandler((error, _request, reply) => {
    const { status, headers, message: detail } = problemOf(error);
    if (status === 500) console.error(error);
    return reply.status(status).headers(headers).type('application/problem+json').send(JSON.stringify({ title: STATUS_CODES[status], status, detail }));
  });
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500) {
    return new Problem(error.statusCode, error.message);
  }
  return new Problem(500, 'Something went wrong on our side.');
}
