// What the cache does in one piece, so that nothing comes between: Redis runs a script whole before it does anything else.
// https://redis.io/docs/latest/develop/programmability/eval-intro/

// The machines' clocks may be a minute apart. All times are of one clock, that of the cache.
const now = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

// #region look
/** What is there; when nothing is, what time it is, and whether nobody else has said lately that they would read it. */
export const look = {
  numberOfKeys: 2,
  lua: `${now}
    local entry = redis.call('GET', KEYS[1])
    if entry then return {entry, now, 0} end
    local isFirst = redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[1])
    return {false, now, isFirst and 1 or 0}`,
};
// #endregion

// #region fill
/**
 * Puts an entry there, unless a newer one is: somebody who was slow to read comes after somebody who was quick. That one may
 * have lived and be gone already. So an entry lives from when its reading began, and one that was under way for longer
 * than it may live is not kept: also one that waited for a cache that stood still.
 *
 * The lock that it takes away may be another's, when its own has expired. Then one more reads the same, and that is all: what
 * keeps the entries right is their version.
 */
export const fill = {
  numberOfKeys: 2,
  lua: `${now}
    if ARGV[5] == '1' then redis.call('DEL', KEYS[2]) end
    local known = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) ')
    local left = ARGV[3] + ARGV[4] - now
    if left >= 1 and (not known or tonumber(known) <= tonumber(ARGV[2])) then
      redis.call('SET', KEYS[1], ARGV[1], 'PX', left)
    end
    return 0`,
};
// #endregion

// #region drop
/** Takes away an entry that nobody can read; not one that somebody has put in its place meanwhile. */
export const drop = {
  numberOfKeys: 1,
  lua: `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
    return 0`,
};
// #endregion
