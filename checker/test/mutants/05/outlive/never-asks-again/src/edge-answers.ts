// How an edge comes to an answer: it has one, waits for one that is on its way already, or asks the origin.

import type { IncomingMessage } from 'node:http';
import { find, forget, isFresh, isKeepable, keep, markOf, mayBeStale, policyOf, relevant, type Kept, type Request } from './edge-cache.ts';
import { fill } from './edge-fill.ts';
import { ask, Busy, endToEnd, Silence } from './edge-origin.ts';

export type Found =
  | { how: 'hit' | 'miss' | 'stale'; kept: Kept }
  /** Passes through: to this one client, with what was read of it already. Where there was no room, the next may have more luck. */
  | { how: 'miss'; through: IncomingMessage; begun: Buffer[]; release: () => void; why: 'for one client' | 'too large' | 'no room' };

/** For the first byte of an answer. */
const patienceMs = 10_000;
/** With something at hand that may be given instead. */
const hurriedMs = 1_000;

// #region find
/** Asked for by two hundred at once, it is asked of the origin once. @throws Trouble when the origin cannot be asked and nothing else may be given */
export async function answerTo(request: Request): Promise<Found> {
  const since = performance.now();
  for (let changes = 0; ; ) {
    const kept = find(request);
    if (kept && isFresh(kept, request)) return { how: 'hit', kept };
    const mark = markOf(request);
    const flight = flights.get(mark);
    if (kept && isSuspect() && mayBeStale(kept)) {
      // Nobody waits for a machine that did not answer a moment ago. Whether it does again is found out meanwhile, with patience.
      if (!flight && mayProbe()) void lead(request, kept, patienceMs).then(letGo, () => undefined);
      return { how: 'stale', kept };
    }
    // Who says who they are may get an answer of their own, and neither waits for others nor lets them wait.
    if (request.headers.authorization !== undefined) return fetchAnswer(request, kept);
    if (!flight || changes > 3) return lead(request, kept);
    const landed = await flight;
    if (landed instanceof Trouble) throw landed;
    // It turned out that a header makes a difference: once more, with those who say the same in it.
    if (markOf(request) !== mark) {
      changes += 1;
      continue;
    }
    // Too much was being read. The next who waits asks, and the others wait for that: one after another, and not all at once.
    if (landed === 'no room') {
      if (performance.now() > since + patienceMs) throw new Trouble(503, 'Too much is asked of this edge');
      continue;
    }
    if (landed?.how === 'stale') return landed;
    if (landed && isFresh(landed.kept, request)) return { how: 'hit', kept: landed.kept };
    // It was for one client only, or is never held, and everybody has to ask for themselves.
    return fetchAnswer(request, kept);
  }
}

/** What those who wait may have of it: nothing, when it was for one client only. */
type Landed = Extract<Found, { kept: Kept }> | Trouble | 'no room' | undefined;
/** What is being asked of the origin: by mark. They never reject. */
const flights = new Map<string, Promise<Landed>>();

/** Asks the origin for all who want the same. */
async function lead(request: Request, kept: Kept | undefined, hurryMs?: number): Promise<Found> {
  const mark = markOf(request);
  const fetched = fetchAnswer(request, kept, hurryMs);
  const flight = fetched.then(landedOf, asTrouble);
  flights.set(mark, flight);
  try {
    return await fetched;
  } finally {
    if (flights.get(mark) === flight) flights.delete(mark);
  }
}

function landedOf(found: Found): Landed {
  if ('kept' in found) return found;
  // An origin in trouble is not asked by two hundred more.
  if ((found.through.statusCode ?? 502) >= 500) return new Trouble(502, 'The origin is in trouble');
  return found.why === 'no room' ? found.why : undefined;
}
// #endregion

// #region fetch
/** Asks the origin, and keeps the answer if that is allowed. @param kept what is there already, and no longer fresh @param hurryMs how long to wait when that may be given instead */
async function fetchAnswer(request: Request, kept: Kept | undefined, hurryMs = hurriedMs): Promise<Found> {
  const fallback = kept && mayBeStale(kept) ? kept : undefined;
  try {
    const answer = await ask('GET', request.url, kept ? kept.policy.revalidationHeaders(request) : request.headers, fallback ? hurryMs : patienceMs);
    const status = answer.statusCode ?? 502;
    const headers = endToEnd(answer.headers);
    if (status >= 500 && fallback) {
      answer.destroy();
      return { how: 'stale', kept: fallback };
    }
    suspectUntil = 0;
    if (status === 304 && kept) return await renew(request, kept, answer);

    const policy = policyOf(request, status, headers);
    if (!isKeepable(policy, status, headers)) {
      if (kept && status < 500) forget(request);
      return { how: 'miss', through: answer, begun: [], release: () => undefined, why: 'for one client' };
    }
    const filled = await fill(answer);
    if (!('whole' in filled)) return { how: 'miss', through: answer, ...filled };
    const { etag, vary, 'cache-control': control = '', 'last-modified': lastModified } = headers;
    const fresh = { policy, status, body: filled.whole, control, etag, lastModified, vary };
    keep(request, fresh);
    return { how: 'miss', kept: fresh };
  } catch (error) {
    // When it is this edge that has its hands full, nothing is known of the origin.
    if (!(error instanceof Busy)) suspect();
    if (fallback) return { how: 'stale', kept: fallback };
    throw error;
  }
}

/** What is held is still right, says the origin. */
async function renew(request: Request, kept: Kept, answer: IncomingMessage): Promise<Found> {
  answer.resume();
  const headers = endToEnd(answer.headers);
  const { policy, matches } = kept.policy.revalidatedPolicy(relevant(request, kept.vary), { status: 304, headers });
  if (!matches) {
    // It speaks of another answer than the one that is here.
    forget(request);
    return fetchAnswer(request, undefined);
  }
  const renewed = { ...kept, policy, control: headers['cache-control'] ?? kept.control };
  if (policy.storable()) keep(request, renewed);
  else forget(request);
  return { how: 'hit', kept: renewed };
}
// #endregion

// #region suspect
/** How long a failure is remembered, and how often the origin is asked meanwhile. */
const suspicionMs = 3_600_000;
const probeEveryMs = 3_600_000;
let suspectUntil = 0;
let probedAt = 0;

// By a clock that only goes forward. One that is set back by an hour would go on suspecting for an hour.
const isSuspect = (): boolean => performance.now() < suspectUntil;

function suspect(): void {
  probedAt = performance.now();
  suspectUntil = probedAt + suspicionMs;
}

function mayProbe(): boolean {
  if (performance.now() < probedAt + probeEveryMs) return false;
  probedAt = performance.now();
  return true;
}
// #endregion

/** Why there is nothing to give. */
export class Trouble extends Error {
  readonly status: 502 | 503 | 504;

  constructor(status: 502 | 503 | 504, title: string) {
    super(title);
    this.status = status;
  }
}

export function asTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  if (error instanceof Busy) return new Trouble(503, error.message);
  return error instanceof Silence ? new Trouble(504, 'The origin did not answer in time') : new Trouble(502, 'The origin cannot be reached');
}

function letGo(found: Found): void {
  if (!('through' in found)) return;
  found.through.destroy();
  found.release();
}
