// What can happen to a cache, from its death to a day on which it takes nothing more.

import { pause, type App } from 'checker/check';
import { apis } from './machines.ts';

export interface Outage {
  /** `cache was killed` */
  told: string;
  lastsMs: number;
  begins: (app: App) => Promise<unknown>;
  ends: (app: App) => Promise<unknown>;
  /** Whether its clients have to find back to it. */
  isAway: boolean;
}

const cache = 'cache';

/** Where nothing listens: it waits for another that never comes. */
const nobodysPort = 1;
/** In one piece, so that nothing is put there meanwhile. What is short is a number or a note, and no answer that could be torn. */
const tears = `for _, key in ipairs(redis.call('KEYS', '*')) do
  if redis.call('TYPE', key).ok == 'string' and redis.call('STRLEN', key) > 100 then
    redis.call('SET', key, redis.call('GETRANGE', key, 0, math.floor(redis.call('STRLEN', key) / 2)), 'KEEPTTL')
  end
end`;

/** Those in which it is away last longer than an answer may take: who waits for it is seen. */
export const outages: readonly Outage[] = [
  { told: 'cache was killed', lastsMs: 1_500, begins: (app) => app.machine(cache).kill(), ends: (app) => app.machine(cache).start(), isAway: true },
  { told: 'cache was paused: it accepts connections, and says nothing', lastsMs: 1_800, begins: (app) => app.machine(cache).pause(), ends: (app) => app.machine(cache).resume(), isAway: true },
  { told: 'All wires from the API to cache were cut', lastsMs: 1_500, begins: async (app) => wires(app).forEach((wire) => wire.cut()), ends: async (app) => wires(app).forEach((wire) => wire.heal()), isAway: true },
  { told: 'cache was full, and took nothing more (OOM)', lastsMs: 500, begins: (app) => app.redis(cache).configure('maxmemory', 1), ends: (app) => app.redis(cache).configure('maxmemory', '128mb'), isAway: true },
  { told: 'cache had become a copy of another, and took no writes (READONLY)', lastsMs: 500, begins: (app) => takesNoWrites(app), ends: (app) => app.redis(cache).send('REPLICAOF', 'NO', 'ONE'), isAway: true },
  { told: 'What cache held was torn: half of each value was missing', lastsMs: 200, begins: (app) => app.redis(cache).send('EVAL', tears, 0), ends: () => pause(0), isAway: false },
  { told: 'cache was emptied', lastsMs: 200, begins: (app) => app.redis(cache).empty(), ends: () => pause(0), isAway: false },
];

function wires(app: App): ReturnType<App['wire']>[] {
  return apis.flatMap((machine) => app.stack.wiresBetween(machine, cache));
}

/** And has nothing: who finds something has no need to write. */
async function takesNoWrites(app: App): Promise<void> {
  await app.redis(cache).empty();
  await app.redis(cache).send('REPLICAOF', '127.0.0.1', nobodysPort);
}
