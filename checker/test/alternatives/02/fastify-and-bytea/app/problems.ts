// Errors as answers (RFC 9457).

import { STATUS_CODES } from 'node:http';
import type { FastifyInstance } from 'fastify';

export class Problem extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, detail: string, retryAfterSeconds?: number) {
    super(detail);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function handleErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(({ url }) => {
    throw new Problem(404, `There is nothing at ${url}.`);
  });
  app.setErrorHandler((error, _request, reply) => {
    const { status, message: detail, retryAfterSeconds } = problemOf(error);
    if (status === 500) console.error(error);
    if (retryAfterSeconds !== undefined) reply.header('Retry-After', retryAfterSeconds);
    return reply
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ title: STATUS_CODES[status], status, detail }));
  });
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (code === 'FST_REQ_FILE_TOO_LARGE') return new Problem(413, 'An image has at most 5 MB.');
  // Fastify's own refusals: a body that is no JSON, a form that is none.
  if (statusCode !== undefined && statusCode < 500) return new Problem(code?.startsWith('FST_INVALID_MULTIPART') ? 400 : statusCode, message ?? '');
  return new Problem(500, 'Something went wrong on our side.');
}
