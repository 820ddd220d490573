// The photos on the page. What people wrote is set as text, and never becomes markup.

import { likes, member } from './session.js';

const list = document.querySelector('[data-feed]');
const empty = document.querySelector('[data-empty]');
const older = document.querySelector('[data-older]');

/**
 * Shows a page of the feed. Photos that are there already stay as they are, with the focus that may be on them.
 * @param page `{ photos, next }`, as the API tells it
 */
export function show({ photos, next }) {
  const shown = new Map([...list.children].map((card) => [card.dataset.id, card]));
  const wanted = new Set(photos.map(({ id }) => id));
  for (const [id, card] of shown) if (!wanted.has(id)) card.remove();

  let place = list.firstElementChild;
  for (const photo of photos) {
    const card = shown.get(photo.id) ?? cardOf(photo);
    if (card === place) place = place.nextElementSibling;
    else list.insertBefore(card, place);
    showLikes(card, photo.likes);
  }

  list.hidden = photos.length === 0;
  empty.hidden = photos.length > 0;
  older.hidden = !next;
  older.firstElementChild.href = next ? `/?before=${encodeURIComponent(next)}` : '/';
}

/** How many like a photo, and whether this user is one of them. */
export function showLikes(card, count) {
  const like = card.querySelector('.like');
  like.querySelector('.count').textContent = count;
  if (like.matches('button')) like.setAttribute('aria-pressed', String(likes(card.dataset.id)));
}

function cardOf({ id, username, caption, imageUrl, createdAt }) {
  const card = copyOf('card');
  card.dataset.id = id;
  card.querySelector('.frame').href = imageUrl;
  const image = card.querySelector('img');
  image.src = imageUrl;
  image.alt = caption || `A photo by ${username}`;
  card.querySelector('.caption').textContent = caption;
  card.querySelector('.by').textContent = username;
  const time = card.querySelector('time');
  time.dateTime = createdAt;
  time.textContent = createdAt.slice(0, 10);

  const like = copyOf(member ? 'like-button' : 'like-count');
  if (member) like.setAttribute('aria-label', `Like the photo by ${username}`);
  card.querySelector('.byline').append(like);
  return card;
}

/** A new copy of what a template holds. */
function copyOf(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
