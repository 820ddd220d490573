const format = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });
const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago something was: `3 minutes ago`, `less than a minute ago`. @param at in ISO 8601; @param now in milliseconds since 1970 */
export function ago(at: string, now = Date.now()): string {
  // A clock that was set back makes the past the future.
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  const [unit, length] = units.find(([, size]) => seconds >= size) ?? [];
  return unit && length ? format.format(-Math.floor(seconds / length), unit) : 'less than a minute ago';
}
