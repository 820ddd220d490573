// How far this browser has seen Graminsta change: what the API told it last, sent back with each request. Whichever machine
// answers then knows what it must not show any more. What it means is the API's affair.

// One for all tabs: who likes a photo in one of them sees it in the other.
const key = 'graminsta-position';
const header = 'X-Position';

/** The headers to send it with: none before the API has told any. */
export function positionHeaders() {
  const position = localStorage.getItem(key);
  return position ? { [header]: position } : {};
}

/**
 * @param sent the headers that the request was sent with
 * @param hasChanged whether the request may have changed something
 */
export function notePosition(response, sent, hasChanged) {
  const position = response.headers.get(header);
  // An answer that was on its way while another one came may be of before that one. Only what a change is answered with is of after it.
  if (position && (hasChanged || sent[header] === positionHeaders()[header])) localStorage.setItem(key, position);
}
