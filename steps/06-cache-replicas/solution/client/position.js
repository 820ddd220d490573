// How far this browser has seen Graminsta change: what the API told it last, sent back with each request. Whichever machine
// answers then knows what it must not show any more. It is a number that grows.

// One for all tabs: who likes a photo in one of them sees it in the other.
const key = 'graminsta-position';
const header = 'X-Position';

/** The headers to send it with: none before the API has told any. */
export function positionHeaders() {
  const position = localStorage.getItem(key);
  return position ? { [header]: position } : {};
}

/** Keeps what an answer tells, unless a later one has told more: of two that are under way at once, either may come first. */
export function notePosition(response) {
  const position = response.headers.get(header);
  const isOlder = Number(position) < Number(localStorage.getItem(key));
  if (position && !isOlder) localStorage.setItem(key, position);
}
