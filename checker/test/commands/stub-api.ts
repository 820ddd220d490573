// As much of the API as a client of it needs, in this process: what a test looks at is the client.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubPhoto {
  id: string;
  username: string;
  caption: string;
  imageUrl: string;
  likes: number;
  createdAt: string;
}

export interface StubApi {
  url: string;
  /** Newest first. */
  photos: StubPhoto[];
  /** What was asked, `GET /api/photos`, with the token that came along. */
  asked: { call: string; token: string | undefined }[];
  /** The `X-Position` that came with each. */
  positions: (string | undefined)[];
  close(): Promise<void>;
}

export interface StubOptions {
  /** False: a session is begun and no token is told, as before exercise 3.4. */
  tokens?: boolean;
  /** How many photos the feed has on a page. */
  pageSize?: number;
  /** True: bytes go to storage, as from step 5 on, and an image's address is relative. */
  storage?: boolean;
  /** True: each answer has an `X-Position`, the number of those before it. */
  tellsPosition?: boolean;
  /** What every call is answered in the place of its answer: a status, and the header Retry-After with it. */
  refuses?: { status: number; retryAfter?: string };
}

class Problem extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** Listens on a port of its own. Every origin may ask. */
export async function stubApi({ tokens = true, pageSize = 20, storage = false, tellsPosition = false, refuses }: StubOptions = {}): Promise<StubApi> {
  const passwords = new Map<string, string>();
  const sessions = new Map<string, string>();
  const images = new Map<string, { type: string; bytes: Buffer }>();
  const likes = new Map<string, Set<string>>();
  const photos: StubPhoto[] = [];
  const asked: StubApi['asked'] = [];
  const positions: StubApi['positions'] = [];
  let url = '';

  const begin = (username: string): unknown => {
    const token = `token-of-${username}-${sessions.size + 1}`;
    sessions.set(token, username);
    return { user: { id: username, username }, ...(tokens && { token }) };
  };
  const photoOf = (id: string | undefined): StubPhoto => {
    const photo = photos.find((candidate) => candidate.id === id);
    if (!photo) throw new Problem(404, 'There is no such photo.');
    return photo;
  };

  async function answer(request: IncomingMessage, { method, path, before }: { method: string; path: string; before: string | null }, token: string | undefined): Promise<unknown> {
    const username = sessions.get(token ?? '');
    const member = (): string => {
      if (username === undefined) throw new Problem(401, 'Log in first.');
      return username;
    };
    const [, id, like] = /^\/api\/photos\/([^/]+)(\/like)?$/.exec(path) ?? [];
    if (method === 'POST' && path === '/api/users') {
      const sent = (await json(request)) as { username: string; password: string };
      if (passwords.has(sent.username)) throw new Problem(409, 'This name is taken.');
      passwords.set(sent.username, sent.password);
      return begin(sent.username);
    }
    if (method === 'POST' && path === '/api/sessions') {
      const sent = (await json(request)) as { username: string; password: string };
      if (passwords.get(sent.username) !== sent.password) throw new Problem(401, 'Name or password is wrong.');
      return begin(sent.username);
    }
    if (method === 'DELETE' && path === '/api/sessions') {
      sessions.delete(token ?? '');
      return undefined;
    }
    if (method === 'GET' && path === '/api/me') return { user: { id: member(), username: member() } };
    if (method === 'GET' && path === '/api/photos') {
      const from = before === null ? 0 : photos.findIndex((photo) => photo.id === before) + 1;
      const page = photos.slice(from, from + pageSize);
      return { photos: page, next: photos.length > from + pageSize ? page.at(-1)?.id : null };
    }
    if (storage && method === 'POST' && path === '/api/uploads') {
      member();
      const { type } = (await json(request)) as { type: string; size: number };
      if (!type.startsWith('image/')) throw new Problem(415, 'This is no image.');
      const uploadId = `upload${images.size + 1}`;
      return { uploadId, url: `${url}/images/${uploadId}?signature=s`, headers: { 'Content-Type': type } };
    }
    if (storage && method === 'PUT' && path.startsWith('/images/')) {
      images.set(path.slice('/images/'.length), { type: request.headers['content-type'] ?? '', bytes: Buffer.from(await bytesOf(request)) });
      return undefined;
    }
    if (storage && method === 'POST' && path === '/api/photos') {
      const owner = member();
      const { uploadId, caption } = (await json(request)) as { uploadId: string; caption: string };
      if (!images.has(uploadId)) throw new Problem(409, 'Nothing has arrived there.');
      const photo = { id: uploadId, username: owner, caption, imageUrl: `/images/${uploadId}`, likes: 0, createdAt: new Date().toISOString() };
      photos.unshift(photo);
      return photo;
    }
    if (method === 'POST' && path === '/api/photos') {
      const owner = member();
      const form = await formOf(request);
      const image = form.get('image');
      if (!(image instanceof Blob)) throw new Problem(400, 'Send a form with a file named image.');
      const bytes = Buffer.from(await image.arrayBuffer());
      const newId = String(images.size + 1);
      images.set(newId, { type: image.type, bytes });
      likes.set(newId, new Set());
      const caption = form.get('caption');
      const photo = { id: newId, username: owner, caption: typeof caption === 'string' ? caption : '', imageUrl: `${url}/images/${newId}`, likes: 0, createdAt: new Date().toISOString() };
      photos.unshift(photo);
      return photo;
    }
    if (like !== undefined && (method === 'PUT' || method === 'DELETE')) {
      const fans = likes.get(photoOf(id).id) ?? new Set();
      if (method === 'PUT') fans.add(member());
      else fans.delete(member());
      photoOf(id).likes = fans.size;
      return { likes: fans.size };
    }
    if (method === 'DELETE' && id !== undefined) {
      if (photoOf(id).username !== member()) throw new Problem(403, 'Only its owner may delete a photo.');
      photos.splice(photos.indexOf(photoOf(id)), 1);
      return undefined;
    }
    throw new Problem(404, `There is nothing at ${path}.`);
  }

  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', url);
    const method = request.method ?? 'GET';
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE', 'Access-Control-Allow-Headers': 'Authorization, Content-Type' };
    const send = (status: number, type: string, body: string | Buffer | undefined): ServerResponse => response.writeHead(status, { ...cors, 'Content-Type': type }).end(body);
    if (method === 'OPTIONS') return send(204, 'text/plain', undefined);
    asked.push({ call: `${method} ${path}`, token });
    positions.push(request.headers['x-position']?.toString());
    if (tellsPosition) response.setHeader('X-Position', positions.length);
    if (refuses) {
      if (refuses.retryAfter !== undefined) response.setHeader('Retry-After', refuses.retryAfter);
      return send(refuses.status, 'application/problem+json', JSON.stringify({ title: 'Problem', status: refuses.status, detail: 'Not now.' }));
    }
    const image = images.get(/^\/images\/(\w+)$/.exec(path)?.[1] ?? '');
    if (image && method === 'GET') return send(200, image.type, image.bytes);
    answer(request, { method, path, before: searchParams.get('before') }, token).then(
      (body) => send(body === undefined ? 204 : method === 'POST' ? 201 : 200, 'application/json', body === undefined ? undefined : JSON.stringify(body)),
      (error: unknown) => {
        const { status, message } = error instanceof Problem ? error : { status: 500, message: String(error) };
        send(status, 'application/problem+json', JSON.stringify({ title: 'Problem', status, detail: message }));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    photos,
    asked,
    positions,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

async function json(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(Buffer.from(await bytesOf(request)).toString('utf8')) as unknown;
}

async function formOf(request: IncomingMessage): Promise<FormData> {
  return new Response(await bytesOf(request), { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
}
