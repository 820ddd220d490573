// Who is logged in here: a token, kept where a reload finds it.
//
// Unlike a cookie with HttpOnly, localStorage can be read by every script that runs in this page. So no script of
// anybody else runs here: none is linked, and what people write is only ever set as text. Whoever serves the page should
// have the browser watch over that, by a Content-Security-Policy.

const key = 'graminsta-session';

/** Whoever is logged in, `{ token, username, liked }`; undefined for a guest. */
export let member = kept();

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? undefined;
  } catch {
    // No session of ours, or a browser that keeps nothing: a guest.
    return undefined;
  }
}

/** @param answer what the API says to signing up and logging in: `{ user, token }` */
export function begin({ user, token }) {
  keep({ token, username: user.username, liked: [] });
}

export function end() {
  member = undefined;
  localStorage.removeItem(key);
}

/**
 * Whether a photo was liked in this session, as far as this browser knows. The API counts likes and does not tell whose
 * they are. Where the answer is wrong, a click puts it right: a second like counts nothing, and shows as the first.
 */
export function likes(id) {
  return member?.liked.includes(id) ?? false;
}

export function noteLike(id, isLiked) {
  const others = member.liked.filter((other) => other !== id);
  keep({ ...member, liked: isLiked ? [...others, id] : others });
}

function keep(changed) {
  member = changed;
  localStorage.setItem(key, JSON.stringify(member));
}
