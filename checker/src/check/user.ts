// People, and what they do with Graminsta. Each method is a call of the contract; none of them judges.

import type http from 'node:http';
import type { Answer } from './answer.ts';
import { Client, type ClientOptions } from './client.ts';
import type { Picture } from './picture.ts';

export interface Photo {
  id: string;
  username: string;
  caption: string;
  imageUrl: string;
  likes: number;
  createdAt: string;
}

export interface FeedPage {
  photos: Photo[];
  next: string | null | undefined;
}

export interface UploadOptions {
  caption?: string;
  /** What the client says the file is, when that is not the truth. */
  claimedType?: string;
  fileName?: string;
  /** Besides those of the form: an `Idempotency-Key`. */
  headers?: Record<string, string>;
}

export interface UserOptions extends Omit<ClientOptions, 'who'> {
  /** Where the page is that they look at: `http://127.0.0.1:20018`. Unless it is said, where the API is. */
  page?: string;
}

export class User {
  /** `Ada` */
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly client: Client;
  readonly #page: string;

  constructor(username: string, { page, ...options }: UserOptions) {
    this.username = username;
    this.name = username.charAt(0).toUpperCase() + username.slice(1);
    this.password = `${username} likes light and water`;
    this.client = new Client({ who: this.name, ...options });
    this.#page = page ?? options.base;
  }

  signsUp(): Promise<Answer> {
    return this.#session('/api/users');
  }

  logsIn(password = this.password): Promise<Answer> {
    return this.#session('/api/sessions', password);
  }

  async logsOut(): Promise<Answer> {
    const answer = await this.client.send({ method: 'DELETE', url: '/api/sessions' });
    this.client.token = undefined;
    return answer;
  }

  me(): Promise<Answer> {
    return this.client.send({ url: '/api/me' });
  }

  async uploads(picture: Picture, options: UploadOptions = {}): Promise<Answer> {
    const { headers, body } = await uploadForm(picture, options);
    return this.client.send({ method: 'POST', url: '/api/photos', headers, body, timeoutMs: 15_000 });
  }

  /** An upload that the caller sends piece by piece, as a slow phone would. */
  async beginsUpload(picture: Picture, options: UploadOptions = {}): Promise<HeldUpload> {
    const { headers, body } = await uploadForm(picture, options);
    const { request, answer } = this.client.open({ method: 'POST', url: '/api/photos', headers, length: body.length, timeoutMs: 20_000 });
    return new HeldUpload(request, body, answer);
  }

  deletes(id: string): Promise<Answer> {
    return this.client.send({ method: 'DELETE', url: `/api/photos/${encodeURIComponent(id)}` });
  }

  feed({ before, limit }: { before?: string | undefined; limit?: number } = {}): Promise<Answer> {
    const query = new URLSearchParams({ ...(before !== undefined && { before }), ...(limit !== undefined && { limit: String(limit) }) });
    return this.client.send({ url: query.size > 0 ? `/api/photos?${query.toString()}` : '/api/photos' });
  }

  photo(id: string): Promise<Answer> {
    return this.client.send({ url: `/api/photos/${encodeURIComponent(id)}` });
  }

  /** The image behind an `imageUrl`, which may be absolute or relative to the page. */
  image(imageUrl: string): Promise<Answer> {
    return this.client.send({ url: URL.canParse(imageUrl, this.#page) ? new URL(imageUrl, this.#page).href : imageUrl });
  }

  likes(id: string): Promise<Answer> {
    return this.client.send({ method: 'PUT', url: `/api/photos/${encodeURIComponent(id)}/like` });
  }

  unlikes(id: string): Promise<Answer> {
    return this.client.send({ method: 'DELETE', url: `/api/photos/${encodeURIComponent(id)}/like` });
  }

  opens(path: string): Promise<Answer> {
    return this.client.send({ url: path, headers: { accept: 'text/html' } });
  }

  async #session(url: string, password = this.password): Promise<Answer> {
    const answer = await this.client.send({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: this.username, password }),
    });
    const { token } = (answer.json ?? {}) as { token?: unknown };
    if (answer.ok && typeof token === 'string') this.client.token = token;
    return answer;
  }
}

export class HeldUpload {
  readonly answer: Promise<Answer>;
  readonly #request: http.ClientRequest;
  readonly #body: Buffer;
  #sent = 0;

  constructor(request: http.ClientRequest, body: Buffer, answer: Promise<Answer>) {
    this.#request = request;
    this.#body = body;
    this.answer = answer;
  }

  /** Sends up to this share of the body, 0 to 1, and waits until it has left. */
  async sendUpTo(share: number): Promise<void> {
    const end = Math.floor(this.#body.length * share);
    const piece = this.#body.subarray(this.#sent, end);
    this.#sent = end;
    await new Promise<void>((resolve) => {
      this.#request.write(piece, () => resolve());
    });
  }

  /** Sends what is left, and ends the request. */
  sendRest(): void {
    this.#request.end(this.#body.subarray(this.#sent));
  }
}

async function uploadForm(
  picture: Picture,
  { caption = '', claimedType, fileName, headers }: UploadOptions,
): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const form = new FormData();
  form.set('caption', caption);
  form.set('image', new Blob([new Uint8Array(picture.bytes)], { type: claimedType ?? picture.type }), fileName ?? picture.fileName);
  const encoded = new Response(form);
  return {
    headers: { 'content-type': encoded.headers.get('content-type') ?? '', ...headers },
    body: Buffer.from(await encoded.arrayBuffer()),
  };
}
