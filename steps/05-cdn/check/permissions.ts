// Permissions to upload that were changed on the way: what somebody sends who wants to store what nobody allowed. A learner's
// permission may be made in any way, so it is changed wherever something can be recognised in it.

import { type Picture, type UploadPermission } from 'checker/check';

export type Ticket = Pick<UploadPermission, 'url' | 'headers'>;

/** What a permission was asked for, and what another one for the same looks like. */
export interface Known {
  other: Ticket;
  type: string;
  size: number;
  /** How long it lasts. */
  seconds: number;
}

export interface Forgery {
  /** `with a signature in which one character was changed` */
  how: string;
  ticket: Ticket;
  /** What is sent with it, where that is not what was declared. */
  size?: number;
  type?: string;
}

/** Every permission that can be made of this one, and is another. */
export function forgeriesOf(ticket: Ticket, known: Known): Forgery[] {
  const isNew = ({ ticket: { url, headers } }: Forgery): boolean =>
    [ticket, known.other].every((real) => real.url !== url || JSON.stringify(real.headers) !== JSON.stringify(headers));
  return [withoutSignature(ticket), anotherKey(ticket, known), ...changedParts(ticket, known)].filter(isNew);
}

/** The bare address, as anybody can see it in the address of an image. */
function withoutSignature({ url, headers }: Ticket): Forgery {
  const bare = new URL(url);
  bare.search = '';
  const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => /^content-(type|length)$/i.test(name)));
  return { how: 'without a signature', ticket: { url: bare.href, headers: plain } };
}

function anotherKey({ url, headers }: Ticket, { other }: Known): Forgery {
  const swapped = new URL(url);
  swapped.pathname = new URL(other.url).pathname;
  return { how: 'with the name of another upload in the place of its own', ticket: { url: swapped.href, headers } };
}

/** Each value in the query and the headers, read as what it looks like: a signature, a moment, a number of seconds, a size, a type. */
function changedParts({ url, headers }: Ticket, known: Known): Forgery[] {
  const inQuery = [...new URL(url).searchParams].flatMap(([name, value]) =>
    changesOf(value, known).map(({ to, ...change }) => {
      const changed = new URL(url);
      changed.searchParams.set(name, to);
      return { ...change, ticket: { url: changed.href, headers } };
    }),
  );
  const inHeaders = Object.entries(headers).filter(([name]) => !/^content-(type|length)$/i.test(name)).flatMap(([name, value]) =>
    changesOf(value, known).map(({ to, ...change }) => ({ ...change, ticket: { url, headers: { ...headers, [name]: to } } })),
  );
  // What is declared may stand in a header of HTTP itself, and then everything depends on whether that is signed.
  const declared = Object.entries(headers).filter(([name, value]) => /^content-type$/i.test(name) && value === known.type).map(([name]) => ({
    how: `with ${name}: ${otherType(known.type)}`,
    type: otherType(known.type),
    ticket: { url, headers: { ...headers, [name]: otherType(known.type) } },
  }));
  return [...inQuery, ...inHeaders, ...declared];
}

const longestDuration = 10_000;
const signatureLength = 16;

function changesOf(value: string, { type, size, seconds }: Known): (Omit<Forgery, 'ticket'> & { to: string })[] {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : undefined;
  if (value === type) return [{ how: 'for a type that was changed', to: otherType(type), type: otherType(type) }];
  if (number === size) return [{ how: 'for a size that was changed', to: String(size * 2), size: size * 2 }];
  if (number !== undefined && isMoment(number)) return [{ how: 'with a later end', to: String(number + (number > 1e12 ? 3_600_000 : 3_600)) }];
  if (number === seconds) return [{ how: 'with more seconds', to: String(longestDuration) }];
  if (number === undefined && value.length >= signatureLength) return [{ how: 'with a signature in which one character was changed', to: oneChanged(value) }];
  return [];
}

/** Seconds or milliseconds since 1970 that are about now. */
function isMoment(number: number): boolean {
  const ms = number > 1e12 ? number : number * 1_000;
  return Math.abs(ms - Date.now()) < 3_600_000;
}

/** In the middle: the last character of base64 has bits that do not count. */
function oneChanged(text: string): string {
  const middle = Math.floor(text.length / 2);
  const at = /[a-z0-9]/i.test(text[middle] ?? '') ? middle : text.search(/[a-z0-9]/i);
  return text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
}

function otherType(type: string): string {
  return type === 'image/gif' ? 'image/png' : 'image/gif';
}

/** A picture of so many bytes that is no other's: decoders pass over what follows its end. */
export function sized(model: Picture, mark: string, size: number): Picture {
  const head = Buffer.concat([model.bytes, Buffer.from(`\n${mark}\n`)]);
  return { ...model, bytes: Buffer.concat([head, Buffer.alloc(Math.max(0, size - head.length), '.')]) };
}
