// Requests for addresses that `URL` would tidy up before they are sent.

import http from 'node:http';

export interface RawRequest {
  port: number;
  method: string;
  /** Sent as it stands here. */
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
}

export interface RawAnswer {
  /** 0 when there was no answer. */
  status: number;
  body: Buffer;
}

const patienceMs = 5_000;

/** Never throws. */
export function rawAnswer({ port, method, path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const request = http.request({ port, host: '127.0.0.1', method, path, agent: false, headers: { ...headers, ...(body && { 'content-length': String(body.length) }) } });
    const settle = (status: number): void => {
      clearTimeout(timer);
      resolve({ status, body: Buffer.concat(chunks) });
      request.destroy();
    };
    const timer = setTimeout(() => settle(0), patienceMs);
    request.on('error', () => settle(0));
    request.on('response', (response) => {
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => settle(response.statusCode ?? 0));
      response.on('error', () => settle(0));
    });
    request.end(body);
  });
}
