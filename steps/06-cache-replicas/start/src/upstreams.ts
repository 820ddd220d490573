// The machines behind the balancer: which there are, which of them can serve, and whose turn it is.

import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

// #region upstream
export interface Upstream {
  readonly url: URL;
  readonly agent: http.Agent;
  /** Whether it is in the rotation. */
  healthy: boolean;
  /** How many requests it has at the moment. */
  active: number;
  /** The health check that is under way. */
  check?: Promise<void>;
}

const upstreams = (process.env.UPSTREAMS ?? '').split(',').filter(Boolean).map((url): Upstream => ({
  url: new URL(url),
  // An API of Node closes a connection that was unused for 5 s. The balancer closes it earlier, or one of its requests
  // could cross the API's goodbye on the way.
  agent: new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 2_000 }),
  healthy: false, // Nobody is trusted before the first good answer.
  active: 0,
}));
if (upstreams.length === 0) throw new Error('UPSTREAMS is not set: give it to this service in stack.ts.');
// #endregion

// #region choose
let turn = 0;

/** The machine with the fewest requests; of equals, the next in turn. One that was tried in vain only when there is no other. */
export function choose(tried: readonly Upstream[]): Upstream | undefined {
  let best: Upstream | undefined;
  for (let step = 1; step <= upstreams.length; step += 1) {
    const candidate = upstreams[(turn + step) % upstreams.length]!;
    if (candidate.healthy && !tried.includes(candidate) && (!best || candidate.active < best.active)) best = candidate;
  }
  if (best) turn = upstreams.indexOf(best);
  return best ?? tried.find(({ healthy }) => healthy);
}

/** Whether another machine could take over from the only one that was asked so far. */
export const hasSpare = (): boolean => upstreams.filter(({ healthy }) => healthy).length > 1;
// #endregion

// #region health
const everyMs = 250;
/** Longer than a busy machine needs, and short enough that a silent one has left the rotation before 2 s are over. */
const patienceMs = 1_000;

/** Asks every machine, again and again, whether it can serve. Fulfilled when each was asked once. */
export async function watchUpstreams(): Promise<void> {
  await Promise.all(upstreams.map(check));
  for (const upstream of upstreams) void watch(upstream);
}

async function watch(upstream: Upstream): Promise<void> {
  for (;;) {
    await pause(everyMs, undefined, { ref: false });
    await check(upstream);
  }
}

/** It failed a request. Refused is refused; of anything else it is asked at once, because a slow answer is no proof that a machine is gone. */
export function suspect(upstream: Upstream, hasRefused: boolean): void {
  if (hasRefused) rotate(upstream, false);
  void check(upstream);
}

/** Asks it now. That its port is open says little: the kernel accepts connections for a process that is stopped. */
function check(upstream: Upstream): Promise<void> {
  upstream.check ??= canServe(upstream).then((healthy) => {
    rotate(upstream, healthy);
    upstream.check = undefined;
  });
  return upstream.check;
}

function rotate(upstream: Upstream, healthy: boolean): void {
  if (healthy !== upstream.healthy) console.log(`${upstream.url.host} is ${healthy ? 'in' : 'out of'} the rotation`);
  upstream.healthy = healthy;
}

async function canServe({ url }: Upstream): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/readyz', url), { redirect: 'manual', headers: { Connection: 'close' }, signal: AbortSignal.timeout(patienceMs) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false; // Refused, reset or silent.
  }
}
// #endregion
