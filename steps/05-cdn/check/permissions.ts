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

/**
 * What has to come of it. `refused`: it lets in what nobody allowed. `refused later`: it is over, and says that it is not.
 * `one is refused`: nobody can see from outside which text is a signature and which one is there for other reasons, as a file
 * name; but where every one of them can be changed, none is looked at. `swap`: see `swapsOf`.
 */
export type Demand = 'refused' | 'refused later' | 'one is refused' | 'swap';

export interface Forgery {
  demand: Demand;
  /** `with a size that was changed` */
  how: string;
  ticket: Ticket;
  /** What is sent with it, where that is not what was declared. */
  size?: number;
  type?: string;
}

/** Every permission that can be made of this one, and is another. Two permissions of one kind give the same forgeries, in the same order. */
export function forgeriesOf(ticket: Ticket, known: Known): Forgery[] {
  const isNew = ({ ticket: { url, headers } }: Forgery): boolean =>
    [ticket, known.other].every((real) => real.url !== url || JSON.stringify(real.headers) !== JSON.stringify(headers));
  const all = [...madeUp(ticket, known), ...swapsOf(ticket, known), ...changedParts(ticket, known)].filter(isNew);
  const keys = all.map((forgery) => JSON.stringify(forgery.ticket));
  return all.filter((_forgery, index) => keys.indexOf(keys[index]!) === index);
}

/** The address as anybody can see it in that of an image, without query and headers. */
export function bare({ url, headers }: Ticket): Ticket {
  const plain = new URL(url);
  plain.search = '';
  return { url: plain.href, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => isDeclaration(name))) };
}

/** Nothing in it was given by the API, but for what anybody can think of: a size, a type, an end. */
function madeUp(ticket: Ticket, known: Known): Forgery[] {
  const segments = segmentsOf(ticket.url);
  const name = segments.length - 1;
  const made = (ticket: Ticket): Forgery => ({
    demand: 'refused',
    how: 'without a signature, under a name that he made up',
    ticket: { ...ticket, url: withSegments(ticket.url, segments.map((segment, index) => (index === name || isLongText(decoded(segment), known) ? encodeURIComponent(oneChanged(decoded(segment), index === name)) : segment))) },
  });
  const unsigned = new URL(ticket.url);
  for (const [key, value] of [...unsigned.searchParams]) if (isLongText(value, known)) unsigned.searchParams.delete(key);
  const headers = Object.fromEntries(Object.entries(ticket.headers).filter(([header, value]) => isDeclaration(header) || !isLongText(value, known)));
  return [made(bare(ticket)), made({ url: unsigned.href, headers })];
}

/** The name of another upload, or all of its path, in the place of its own. Where the path alone is the permission, that is the other one. */
function swapsOf({ url, headers }: Ticket, { other }: Known): Forgery[] {
  const [own, others] = [segmentsOf(url), segmentsOf(other.url)];
  return [others, [...own.slice(0, -1), ...others.slice(-1)]].map((segments) => ({
    demand: 'swap',
    how: 'with the name of another upload in the place of its own',
    ticket: { url: withSegments(url, segments), headers },
  }));
}

/** Each value in the path, the query and the headers, read as what it looks like: a moment, a number of seconds, a size, a type, or a text that may be a signature. */
function changedParts({ url, headers }: Ticket, known: Known): Forgery[] {
  const segments = segmentsOf(url);
  const inPath = segments.flatMap((value, index) =>
    changesOf(decoded(value), known, index === segments.length - 1).map(({ to, ...change }) => ({ ...change, ticket: { url: withSegments(url, segments.with(index, encodeURIComponent(to))), headers } })),
  );
  const inQuery = [...new URL(url).searchParams].flatMap(([name, value]) =>
    changesOf(value, known).map(({ to, ...change }) => {
      const changed = new URL(url);
      changed.searchParams.set(name, to);
      return { ...change, ticket: { url: changed.href, headers } };
    }),
  );
  const inHeaders = Object.entries(headers).filter(([name]) => !isDeclaration(name)).flatMap(([name, value]) =>
    changesOf(value, known).map(({ to, ...change }) => ({ ...change, ticket: { url, headers: { ...headers, [name]: to } } })),
  );
  // What is declared may stand in a header of HTTP itself, and then everything depends on whether that is signed.
  const declared = Object.entries(headers).filter(([name, value]) => /^content-type$/i.test(name) && value === known.type).map(([name]): Forgery => ({
    demand: 'refused',
    how: `with ${name}: ${otherType(known.type)}`,
    type: otherType(known.type),
    ticket: { url, headers: { ...headers, [name]: otherType(known.type) } },
  }));
  return [...inPath, ...inQuery, ...inHeaders, ...declared];
}

const longestDuration = 10_000;
const signatureLength = 16;

type Change = Omit<Forgery, 'ticket'> & { to: string };

/** @param isName Whether it is the last of its path, by which an image is found. */
function changesOf(value: string, known: Known, isName = false): Change[] {
  const { type, size, seconds } = known;
  const number = numberIn(value);
  if (value === type) return [{ demand: 'refused', how: 'for a type that was changed', to: otherType(type), type: otherType(type) }];
  if (number === size) return [{ demand: 'refused', how: 'for a size that was changed', to: String(size * 2), size: size * 2 }];
  if (number !== undefined && isMoment(number)) return [{ demand: 'refused later', how: 'with a later end', to: String(number + (number > 1e12 ? 3_600_000 : 3_600)) }];
  if (number === seconds) return [{ demand: 'refused later', how: 'with more seconds', to: String(longestDuration) }];
  if (isName) return [{ demand: 'one is refused', how: 'with one character of the name changed', to: oneChanged(value, true) }];
  return isLongText(value, known) ? [{ demand: 'one is refused', how: 'with one character of its signature changed', to: oneChanged(value) }] : [];
}

function numberIn(value: string): number | undefined {
  return /^\d{1,16}$/.test(value) ? Number(value) : undefined;
}

function isLongText(value: string, { type }: Known): boolean {
  return value.length >= signatureLength && value !== type && numberIn(value) === undefined;
}

/** What HTTP itself says of the bytes. */
function isDeclaration(header: string): boolean {
  return /^content-(type|length)$/i.test(header);
}

function segmentsOf(url: string): string[] {
  return new URL(url).pathname.split('/');
}

function withSegments(url: string, segments: readonly string[]): string {
  const changed = new URL(url);
  changed.pathname = segments.join('/');
  return changed.href;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Seconds or milliseconds since 1970 that are about now. */
function isMoment(number: number): boolean {
  const ms = number > 1e12 ? number : number * 1_000;
  return Math.abs(ms - Date.now()) < 3_600_000;
}

/** In the middle: the last character of base64 has bits that do not count. @param isName What follows its dot is its type, and stays. */
function oneChanged(text: string, isName = false): string {
  const ending = isName ? /\.\w+$/.exec(text)?.[0] : undefined;
  if (ending !== undefined) return oneChanged(text.slice(0, -ending.length)) + ending;
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
