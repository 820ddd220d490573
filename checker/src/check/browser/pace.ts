/** The most that fell into any stretch of this length; `at` is in milliseconds. */
export function mostWithin(events: readonly { at: number }[], ms: number): number {
  const times = events.map(({ at }) => at);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
}
