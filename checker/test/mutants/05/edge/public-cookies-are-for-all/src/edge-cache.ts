// What this edge holds: answers of the origin, for as long as the origin allows. When that is, a library knows (RFC 9111);
// how much there is room for, another one.

import type { IncomingHttpHeaders } from 'node:http';
import CachePolicy from 'http-cache-semantics';
import { LRUCache } from 'lru-cache';

export const cacheBytes = Number(process.env.CACHE_BYTES ?? 64 * 1024 * 1024);
/** One answer may not push out everything else. */
export const answerBytes = Math.ceil(cacheBytes / 8);
/** What an answer takes besides its bytes, roughly. */
const overheadBytes = 2_048;
const mostVariants = 16;

/** A request as the origin would get it: without conditions, and as a GET. */
export interface Request {
  readonly method: 'GET';
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Kept {
  readonly policy: CachePolicy;
  readonly status: number;
  readonly body: Buffer;
  /** The Cache-Control that it came with. */
  readonly control: string;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly vary: string | undefined;
}

/** All that is held for one address. */
interface Entry {
  /** Names of the request headers that make a difference. */
  readonly vary: readonly string[];
  /** By what a request says in these headers; the one that was asked for last is the last. */
  readonly variants: Map<string, Kept>;
}

const entries = new LRUCache<string, Entry>({ maxSize: cacheBytes, sizeCalculation: sizeOf });

// #region find
/** What is held for such a request, fresh or not. */
export function find({ url, headers }: Request): Kept | undefined {
  const entry = entries.get(url);
  const selection = selectionOf(entry?.vary ?? [], headers);
  const kept = entry?.variants.get(selection);
  if (entry && kept) putLast(entry.variants, selection, kept);
  // What was given to everybody need not be right for somebody who says who they are.
  return kept && headers.authorization !== undefined && !/\b(?:public|s-maxage)\b/.test(kept.control) ? undefined : kept;
}

export function isFresh({ policy }: Kept, request: Request): boolean {
  return policy.satisfiesWithoutRevalidation(request);
}

/** Whether it may be given when the origin cannot be asked: it says so itself, or it never changes. */
export function mayBeStale({ policy, control }: Kept): boolean {
  if (/\b(?:must-revalidate|proxy-revalidate|no-cache)\b/.test(control)) return false;
  return policy.timeToLive() > 0 || /\bimmutable\b/.test(control);
}

/** Requests with the same mark get the same answer, as far as is known. */
export function markOf({ url, headers }: Request): string {
  const entry = entries.peek(url);
  return entry && entry.vary.length > 0 ? `${url} ${selectionOf(entry.vary, headers)}` : url;
}
// #endregion

/** By a clock that only goes forward: set back by a minute, any other would make everything last a minute longer. */
class Policy extends CachePolicy {
  now(): number {
    return performance.timeOrigin + performance.now();
  }
}

// #region keep
/** What the origin says of an answer: for how long it holds, and for whom. */
export function policyOf(request: Request, status: number, headers: IncomingHttpHeaders): CachePolicy {
  // How old a file is says nothing of how long it stays as it is.
  return new Policy(relevant(request, headers.vary), { status, headers }, { cacheHeuristic: 0 });
}

/** What a policy remembers of a request: the headers that matter. All of them would take more room than most images. */
export function relevant(request: Request, vary: string | undefined): Request {
  const names = ['authorization', ...namesIn(vary)].filter((name) => request.headers[name] !== undefined);
  return { ...request, headers: Object.fromEntries(names.map((name) => [name, request.headers[name]])) };
}

/** Whether it may be held at all, and is of use then. Errors are not: what is wrong now may be right in a moment. */
export function isKeepable(policy: CachePolicy, status: number, headers: IncomingHttpHeaders): boolean {
  const isOfUse = policy.timeToLive() > 0 || headers.etag !== undefined || headers['last-modified'] !== undefined;
  return status < 400 && !namesIn(headers.vary).includes('*') && isOfUse && policy.storable();
}

export function keep(request: Request, kept: Kept): void {
  const names = namesIn(kept.vary);
  const before = entries.peek(request.url);
  const isAlike = before?.vary.join() === names.join();
  const variants = new Map(isAlike ? before?.variants : []);
  const selection = selectionOf(names, request.headers);
  putLast(variants, selection, kept);
  // Who makes up headers makes up variants. The one that nobody asked for the longest time goes first.
  for (const oldest of variants.keys()) if (variants.size > mostVariants) variants.delete(oldest);
  entries.set(request.url, { vary: names, variants });
}

/** The origin has something else to say about this address now, and it is not to be kept. */
export function forget({ url }: Request): void {
  entries.delete(url);
}
// #endregion

function putLast(variants: Map<string, Kept>, selection: string, kept: Kept): void {
  variants.delete(selection);
  variants.set(selection, kept);
}

function namesIn(vary: string | undefined): string[] {
  return (vary ?? '').toLowerCase().split(',').map((name) => name.trim()).filter(Boolean).sort();
}

function selectionOf(names: readonly string[], headers: IncomingHttpHeaders): string {
  return names.length === 0 ? '' : JSON.stringify(names.map((name) => headers[name] ?? null));
}

function sizeOf({ variants }: Entry, url: string): number {
  let bytes = overheadBytes + 2 * url.length;
  for (const [selection, { body, policy }] of variants) {
    bytes += body.length + overheadBytes + 4 * selection.length + JSON.stringify(policy.toObject().resh).length;
  }
  return bytes;
}
