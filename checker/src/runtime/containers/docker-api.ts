// Docker's own API, for what happens to containers while a check watches: a call takes a few milliseconds, where the command
// `docker` takes fifty and more. See https://docs.docker.com/reference/api/engine/

import { execFile } from 'node:child_process';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';

/** Docker answered, and refused. */
export class DockerError extends Error {
  override name = 'DockerError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

let endpoint: Promise<string> | undefined;

/** Where Docker's API is: `unix:///var/run/docker.sock`, as the command `docker` would find it. */
export function dockerEndpoint(): Promise<string> {
  endpoint ??= findEndpoint();
  return endpoint;
}

async function findEndpoint(): Promise<string> {
  const { DOCKER_HOST: host } = process.env;
  if (host) return host;
  try {
    const { stdout } = await promisify(execFile)('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], { timeout: 10_000 });
    if (stdout.trim() !== '') return stdout.trim();
  } catch {
    // No command, but there may be an engine all the same.
  }
  return 'unix:///var/run/docker.sock';
}

/** One call of the API. */
export interface DockerCall {
  method: 'GET' | 'POST' | 'DELETE';
  /** `/containers/c0ffee/kill` */
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
  /** Undefined: it may last. */
  timeoutMs?: number | undefined;
}

/** Asks Docker, and reads all of the answer; undefined when there is none. @throws DockerError when it refuses; Error when nobody is there */
export async function askDocker<Answer = unknown>(call: DockerCall, at?: string): Promise<Answer> {
  const response = await beginCall(call, at);
  return finishCall<Answer>(response);
}

/** Asks Docker, and returns as soon as it begins to answer: `wait` counts from then on. @throws as `askDocker` */
export async function beginCall({ method, path, query, body, timeoutMs }: DockerCall, at?: string): Promise<http.IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = http.request({
    ...(await placeOf(at)),
    method,
    path: withQuery(path, query),
    headers: text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
  });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
    request.end(text);
  });
  if ((response.statusCode ?? 500) >= 400) {
    const { message } = await finishCall<{ message?: string }>(response);
    throw new DockerError(response.statusCode ?? 500, message ?? `Docker answered ${response.statusCode} to ${method} ${path}.`);
  }
  return response;
}

/** The rest of an answer. */
export async function finishCall<Answer>(response: http.IncomingMessage): Promise<Answer> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  if (text.trim() === '') return {} as Answer;
  return (response.headers['content-type'] ?? '').includes('json') ? (JSON.parse(text) as Answer) : ({ message: text } as Answer);
}

/** Joins the streams of a container: what it prints from now on. @throws as `askDocker` */
export async function attach(container: string): Promise<Duplex> {
  const request = http.request({
    ...(await placeOf()),
    method: 'POST',
    path: withQuery(`/containers/${container}/attach`, { stream: '1', stdout: '1', stderr: '1' }),
    headers: { connection: 'Upgrade', upgrade: 'tcp' },
  });
  return new Promise((resolve, reject) => {
    request.once('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.once('response', (response) => {
      response.resume();
      reject(new DockerError(response.statusCode ?? 500, `Docker does not show what ${container} prints.`));
    });
    request.once('error', reject);
    request.end();
  });
}

async function placeOf(at?: string): Promise<http.RequestOptions> {
  const address = at ?? (await dockerEndpoint());
  const [, scheme, rest = ''] = /^(\w+):\/\/(.*)$/.exec(address) ?? [];
  if (scheme === 'unix' || scheme === 'npipe') return { socketPath: rest };
  if (scheme === 'tcp' || scheme === 'http') {
    const { hostname, port } = new URL(`http://${rest}`);
    return { host: hostname, port };
  }
  throw new Error(`Docker is reached by ${address}, and the workshop knows Docker on this computer only.`);
}

function withQuery(path: string, query: DockerCall['query'] = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}
