// What an image may be, and what it is called: the same for the API and for storage.

import { randomUUID } from 'node:crypto';

export const limitBytes = 5 * 1024 * 1024;

const types: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
]);
const validName = /^[^/]+$/s;

export function isImageType(type: string): boolean {
  return types.has(type);
}

/** A name that never was and never comes again, so that whoever has seen it may keep the image for good. Its extension is its type. */
export function newImageName(type: string): string {
  return `${randomUUID()}.${types.get(type) ?? ''}`;
}

/** Names go into paths: what is not exactly a name is none. */
export function isImageName(name: string): boolean {
  return validName.test(name);
}
