/** The most that fell into any stretch of this length; `at` is in milliseconds. */
export function mostWithin(events: readonly { at: number }[], ms: number): number {
  const times = events.map(({ at }) => at).sort((one, other) => one - other);
  let most = 0;
  let first = 0;
  for (const [last, at] of times.entries()) {
    while (at - (times[first] ?? at) >= ms) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
