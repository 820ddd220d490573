// People, and what they do with Graminsta. Each method is a call of the contract; none of them judges.

import type { Answer } from './answer.ts';
import { Client, type ClientOptions } from './client.ts';
import { HeldUpload } from './held-upload.ts';
import type { Picture } from './picture.ts';
import { uploadForm, type UploadOptions } from './upload-form.ts';
import { permissionOf, type UploadPermission } from './upload-permission.ts';

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

export interface UserOptions extends Omit<ClientOptions, 'who'> {
  /** Where the page is that they look at: `http://127.0.0.1:20018`. Unless it is said, where the API is. */
  page?: string;
  /** From step 5 on bytes go to storage, with a permission of the API's; until then to the API, in a form. */
  uploadsTo?: 'api' | 'storage' | undefined;
}

export class User {
  /** `Ada` */
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly client: Client;
  readonly #page: string;
  readonly #uploadsTo: 'api' | 'storage';

  constructor(username: string, { page, uploadsTo = 'api', ...options }: UserOptions) {
    this.username = username;
    this.name = username.charAt(0).toUpperCase() + username.slice(1);
    this.password = `${username} likes light and water`;
    this.client = new Client({ who: this.name, ...options });
    this.#page = page ?? options.base;
    this.#uploadsTo = uploadsTo;
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

  /** Posts a photo, in as many calls as that takes. @returns the answer to the last that was made: the first that went wrong, or the photo */
  async uploads(picture: Picture, options: UploadOptions = {}): Promise<Answer> {
    if (this.#uploadsTo === 'api') return this.#uploadsForm(picture, options);
    const asked = await this.asksToUpload({ type: options.claimedType ?? picture.type, size: picture.bytes.length });
    // The call came with step 5, whose start does not know it yet.
    if (asked.status === 404 || asked.status === 405) return this.#uploadsForm(picture, options);
    const permission = permissionOf(asked);
    if (!permission) return asked;
    const put = await this.puts(permission, picture.bytes);
    return put.ok ? this.postsUploaded(permission.uploadId, options) : put;
  }

  /** Asks the API for the permission to upload: see `permissionIn` for what it gives. */
  asksToUpload(what: { type: string; size: number }): Promise<Answer> {
    return this.#sendsJson('/api/uploads', what);
  }

  /** Sends bytes to where a permission says, with its headers and nothing else that is the person's. */
  puts({ url, headers }: Pick<UploadPermission, 'url' | 'headers'>, bytes: Buffer): Promise<Answer> {
    return this.client.send({ method: 'PUT', url: this.#onPage(url), headers, body: bytes, timeoutMs: 15_000, asStranger: true });
  }

  /** As `puts`, piece by piece. */
  beginsPut({ url, headers }: Pick<UploadPermission, 'url' | 'headers'>, bytes: Buffer): HeldUpload {
    const { request, answer } = this.client.open({ method: 'PUT', url: this.#onPage(url), headers, length: bytes.length, timeoutMs: 20_000, asStranger: true });
    return new HeldUpload(request, bytes, answer);
  }

  /** Makes a photo of what was uploaded. */
  postsUploaded(uploadId: string, { caption = '', headers }: Pick<UploadOptions, 'caption' | 'headers'> = {}): Promise<Answer> {
    return this.#sendsJson('/api/photos', { uploadId, caption }, headers);
  }

  /** A form that the caller sends piece by piece, as a slow phone would. */
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
    // An image on a page is asked for without a token; edges, which come with storage, must not need to know one.
    return this.client.send({ url: this.#onPage(imageUrl), asStranger: this.#uploadsTo === 'storage' });
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

  /** An address as the page means it. */
  #onPage(url: string): string {
    return URL.canParse(url, this.#page) ? new URL(url, this.#page).href : url;
  }

  async #uploadsForm(picture: Picture, options: UploadOptions): Promise<Answer> {
    const { headers, body } = await uploadForm(picture, options);
    return this.client.send({ method: 'POST', url: '/api/photos', headers, body, timeoutMs: 15_000 });
  }

  #sendsJson(url: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.client.send({ method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  }

  async #session(url: string, password = this.password): Promise<Answer> {
    const answer = await this.#sendsJson(url, { username: this.username, password });
    const { token } = (answer.json ?? {}) as { token?: unknown };
    if (answer.ok && typeof token === 'string') this.client.token = token;
    return answer;
  }
}
