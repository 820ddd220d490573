// Looks at something again and again, so that nobody has to reload: neither to hear that it is away, nor that it is back.

const wellMs = 2_000;
const awayMs = 1_000;

/**
 * Looks now, and from then on every 2 to 3 s, or every 1 to 1.5 s while looking fails. A tab that nobody sees waits.
 * @param look throws when it fails, and has to come to an end by itself
 * @param tell called after each look, with what it threw, or with nothing
 */
export function watch(look, tell) {
  let timer;
  let isLooking = false;
  let lookedAt = -Infinity;

  async function lookNow() {
    if (isLooking || document.hidden) return;
    isLooking = true;
    lookedAt = performance.now();
    let error;
    try {
      await look();
    } catch (thrown) {
      error = thrown;
    }
    isLooking = false;
    tell(error);
    // Everybody loses the API in the same moment. If all came back in the same moment, it would not stay up for long.
    lookIn((error ? awayMs : wellMs) * (1 + Math.random() / 2));
  }

  function lookIn(ms) {
    clearTimeout(timer);
    timer = setTimeout(lookNow, ms);
  }

  /** At once, but for the pause that is kept in any case. */
  function lookSoon() {
    lookIn(Math.max(0, lookedAt + awayMs - performance.now()));
  }

  addEventListener('online', lookSoon);
  document.addEventListener('visibilitychange', lookSoon);
  void lookNow();
}
