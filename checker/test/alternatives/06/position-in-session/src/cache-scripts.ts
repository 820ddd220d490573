// What the cache does in one piece, so that nothing comes between: Redis runs a script whole before it does anything else.
// https://redis.io/docs/latest/develop/programmability/eval-intro/

import { defineScript } from 'redis';

const lockOf = (key: string): string => `${key}:lock`;

// The machines' clocks may be a minute apart. All times are of one clock, that of the cache.
const now = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

// #region look
/** What is there; when nothing is, what time it is, and whether nobody else has said lately that they would read it. */
export const look = defineScript({
  SCRIPT: `${now}
    local entry = redis.call('GET', KEYS[1])
    if entry then return {entry, now, 0} end
    local isFirst = redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[1])
    return {false, now, isFirst and 1 or 0}`,
  NUMBER_OF_KEYS: 2,
  FIRST_KEY_INDEX: 1,
  parseCommand(parser, key: string, lockMs: number) {
    parser.pushKey(key);
    parser.pushKey(lockOf(key));
    parser.push(String(lockMs));
  },
  transformReply([entry, since, isFirst]: [string | null, number, number]) {
    return { entry, since, isFirst: isFirst === 1 };
  },
});
// #endregion

// #region fill
export interface Filling {
  entry: string;
  version: number;
  since: number;
  lifetimeMs: number;
  isAwaited: boolean;
}

/**
 * Puts an entry there, unless a newer one is: somebody who was slow to read comes after somebody who was quick. That one may
 * have lived and be gone already. So an entry lives from when its reading began, and one that was under way for longer
 * than it may live is not kept: also one that waited for a cache that stood still.
 *
 * The lock that it takes away may be another's, when its own has expired. Then one more reads the same, and that is all: what
 * keeps the entries right is their version.
 */
export const fill = defineScript({
  SCRIPT: `${now}
    if ARGV[5] == '1' then redis.call('DEL', KEYS[2]) end
    local known = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) ')
    local left = ARGV[3] + ARGV[4] - now
    if left >= 1 and (not known or tonumber(known) <= tonumber(ARGV[2])) then
      redis.call('SET', KEYS[1], ARGV[1], 'PX', left)
    end
    return 0`,
  NUMBER_OF_KEYS: 2,
  FIRST_KEY_INDEX: 1,
  parseCommand(parser, key: string, { entry, version, since, lifetimeMs, isAwaited }: Filling) {
    parser.pushKey(key);
    parser.pushKey(lockOf(key));
    parser.push(entry, String(version), String(since), String(lifetimeMs), isAwaited ? '1' : '0');
  },
  transformReply: (reply: number) => reply,
});
// #endregion

// #region drop
/** Takes away an entry that nobody can read; not one that somebody has put in its place meanwhile. */
export const drop = defineScript({
  SCRIPT: `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
    return 0`,
  NUMBER_OF_KEYS: 1,
  FIRST_KEY_INDEX: 1,
  parseCommand(parser, key: string, entry: string) {
    parser.pushKey(key);
    parser.push(entry);
  },
  transformReply: (reply: number) => reply,
});
// #endregion

// #region mark
/**
 * Raises a number, and never lowers it: also when the cache is full, because what people have seen is not up to its memory. A cache
 * that takes no writes refuses it, also when there is nothing to raise: then nobody knows what people have seen.
 */
export const raise = defineScript({
  SCRIPT: `#!lua flags=allow-oom
    local known = redis.call('GET', KEYS[1])
    if not known and ARGV[1] == '0' then return false end
    local highest = math.max(tonumber(ARGV[1]), tonumber(known or '0'))
    redis.call('SET', KEYS[1], highest)
    return highest`,
  NUMBER_OF_KEYS: 1,
  FIRST_KEY_INDEX: 1,
  parseCommand(parser, key: string, version: number) {
    parser.pushKey(key);
    parser.push(String(version));
  },
  transformReply: (reply: number | null) => reply,
});
// #endregion
