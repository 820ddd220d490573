// A permission to change one object on storage. The API gives it, storage checks it, and for that knows neither users nor
// a database: a signature that only the two can make says that all of it is as the API meant it.

import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Permission {
  method: 'PUT' | 'DELETE';
  /** Of the object. */
  name: string;
  /** What the bytes have to be, and how many; of a DELETE, '' and 0. */
  type: string;
  size: number;
  /**
   * When it ends, in milliseconds since 1970. The API's clock sets it and storage's clock ends it, and these may differ by a
   * minute: five minutes are then four or six. So a permission lasts for minutes, also where seconds would do.
   */
  expires: number;
}

// #region sign
/** The address that carries a permission, relative to storage. The type travels as the request's Content-Type. */
export function permittedPath(permission: Permission, secret: string): string {
  const { name, size, expires } = permission;
  const query = new URLSearchParams({ size: String(size), expires: String(expires), signature: signatureOf(permission, secret) });
  return `/images/${size}/${expires}/${query.get('signature') ?? ''}/${name}`;
}

/** Whether the signature belongs to this permission: it was made with this secret, and nothing was changed since. */
export function isSigned(permission: Permission, signature: string, secret: string): boolean {
  const expected = Buffer.from(signatureOf(permission, secret));
  const given = Buffer.from(signature);
  // Comparing text stops at the first difference, and how long it took would tell how much was right.
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Over everything that matters, and as JSON: strung together, "a" and "bc" would sign like "ab" and "c". */
function signatureOf({ method, name, type, size, expires }: Permission, secret: string): string {
  return createHmac('sha256', secret).update(JSON.stringify([method, name, type, size, expires])).digest('base64url');
}
// #endregion
