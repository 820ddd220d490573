// The page: it is served by one machine and gets its photos from another.

import { call, Refusal } from './api.js';
import { show, showLikes } from './photos.js';
import * as session from './session.js';
import { watch } from './watch.js';

const status = document.querySelector('[role="status"]');
const before = new URLSearchParams(location.search).get('before');
let isAway = false;

/** Does what somebody asked for; shows what went wrong, and is false, when it did. */
async function attempt(action) {
  say('');
  try {
    await action();
    return true;
  } catch (error) {
    say(inWords(error));
    // Sessions end on the server, and the page hears of it like this.
    if (error.status === 401 && session.member) {
      session.end();
      showWho();
    }
    return false;
  }
}

// #region say
/** Set only when it changes: what is set is read aloud. */
function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

function inWords(error) {
  if (error instanceof Refusal) return error.message;
  return 'Graminsta cannot be reached at the moment. This page tries again by itself.';
}

/** After each look at the feed. A message about something else stays. */
function tell(error) {
  if (error) say(inWords(error));
  else if (isAway) {
    say('');
    loadMissingImages();
  }
  isAway = error !== undefined;
}

function loadMissingImages() {
  for (const image of document.images) {
    if (image.complete && image.naturalWidth === 0) image.setAttribute('src', image.src);
  }
}
// #endregion

/** What is there for members, and what for guests. */
function showWho() {
  for (const part of document.querySelectorAll('[data-member]')) part.hidden = !session.member;
  for (const part of document.querySelectorAll('[data-guest]')) part.hidden = Boolean(session.member);
  document.querySelector('.who').textContent = session.member?.username ?? '';
}

document.querySelector('[data-account]').addEventListener('submit', async (event) => {
  event.preventDefault();
  const credentials = Object.fromEntries(new FormData(event.target));
  const where = event.submitter.value;
  if (await attempt(async () => session.begin(await call('POST', where, credentials)))) location.assign('/');
});

document.querySelector('[data-upload]').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { target, submitter } = event;
  submitter.disabled = true;
  if (await attempt(() => call('POST', '/api/photos', new FormData(target)))) location.assign('/');
  submitter.disabled = false;
});

document.querySelector('[data-log-out]').addEventListener('click', async () => {
  if (!(await attempt(() => call('DELETE', '/api/sessions')))) return;
  session.end();
  location.assign('/');
});

document.querySelector('[data-feed]').addEventListener('click', (event) => {
  const button = event.target.closest('button.like');
  const card = button?.closest('.card');
  if (!card) return;
  const isLiked = button.getAttribute('aria-pressed') === 'true';
  void attempt(async () => {
    const { likes } = await call(isLiked ? 'DELETE' : 'PUT', `/api/photos/${card.dataset.id}/like`);
    session.noteLike(card.dataset.id, !isLiked);
    showLikes(card, likes);
  });
});

showWho();
watch(async () => show(await call('GET', before ? `/api/photos?before=${encodeURIComponent(before)}` : '/api/photos')), tell);
