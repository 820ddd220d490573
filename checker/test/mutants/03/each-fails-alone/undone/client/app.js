// Mutant: the page loads once, and knows of nothing that can fail.
// The page: it is served by one machine and gets its photos from another.

import { call, Refusal } from './api.js';
import { show, showLikes } from './photos.js';
import * as session from './session.js';

const status = document.querySelector('[role="status"]');
const before = new URLSearchParams(location.search).get('before');

/** Does what somebody asked for; shows what went wrong, and is false, when it did. */
async function attempt(action) {
  status.textContent = '';
  try {
    await action();
    return true;
  } catch (error) {
    status.textContent = error instanceof Refusal ? error.message : 'The server cannot be reached. Try again in a moment.';
    // Sessions end on the server, and the page hears of it like this.
    if (error.status === 401 && session.member) {
      session.end();
      showWho();
    }
    return false;
  }
}

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
show(await call('GET', before ? `/api/photos?before=${encodeURIComponent(before)}` : '/api/photos'));
