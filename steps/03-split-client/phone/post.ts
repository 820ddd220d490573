// Posting a photo: from step 5 on its bytes go to storage, with a permission of the API's; until then to the API, in a form.

import path from 'node:path';
import { Refusal, Trouble, type Api, type Photo } from './api.ts';

interface Picture {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

interface Permission {
  uploadId: string;
  url: string;
  headers: Record<string, string>;
}

const types: Record<string, string> = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.webp': 'image/webp', '.gif': 'image/gif' };

/** @throws Trouble when it is not taken */
export async function posts(api: Api, picture: Picture, caption: string): Promise<Photo> {
  const permission = await asks(api, picture);
  if (!permission) return api.send<Photo>('POST', '/api/photos', formOf(picture, caption));
  const { uploadId, url, headers } = permission;
  if (!uploadId || !URL.canParse(url)) throw new Trouble('The API lets this photo be uploaded and does not say where to: see exercise 5.1.');
  await api.put(url, headers, picture.bytes);
  return api.send<Photo>('POST', '/api/photos', { uploadId, caption });
}

/** The permission to upload; undefined when the API does not know that call yet. */
async function asks({ send }: Api, { name, bytes }: Picture): Promise<Permission | undefined> {
  const type = types[path.extname(name).toLowerCase()] ?? 'application/octet-stream';
  try {
    return await send<Permission>('POST', '/api/uploads', { type, size: bytes.length });
  } catch (error) {
    if (error instanceof Refusal && (error.status === 404 || error.status === 405)) return undefined;
    throw error;
  }
}

function formOf({ name, bytes }: Picture, caption: string): FormData {
  const form = new FormData();
  form.set('caption', caption);
  form.set('image', new Blob([bytes]), name);
  return form;
}
