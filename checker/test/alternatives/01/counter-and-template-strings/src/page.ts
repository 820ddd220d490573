// Right in another way: the page is written with template strings, and a tag that escapes every value in them.

import { Router } from 'express';
import { readFeed } from './feed.ts';
import { userOf } from './sessions.ts';

/** Markup; everything else that is put into a template is text. */
class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

export const page = Router();

page.get('/', async (req, res) => {
  const user = userOf(req);
  const { photos, next } = await readFeed(req.query.before);
  const cards = photos.map(
    (photo) => html`<li class="card">
      <div class="frame"><img alt="${photo.caption}" src="${new URL(photo.imageUrl, `http://${req.headers.host}`).href}"></div>
      <p class="caption">${photo.caption}</p>
      <div class="byline"><span>${photo.username}</span> <span class="like">♥ ${photo.likes}</span></div>
    </li>`,
  );
  const body = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Graminsta</title>
  <link rel="stylesheet" href="/app.css">
  <script type="module" src="/app.js"></script>
</head>
<body>
  <header class="bar"><a class="brand" href="/">Graminsta</a> <span class="who">${user?.username ?? ''}</span></header>
  <main>
    <p class="status" role="status"></p>
    <ul class="feed">${cards}</ul>
    ${next === null ? '' : html`<p class="older"><a href="/?before=${encodeURIComponent(next)}">Older photos</a></p>`}
  </main>
</body>
</html>`;
  res.type('html').send(body.markup);
});

function html(texts: TemplateStringsArray, ...values: (string | number | Html | Html[])[]): Html {
  return new Html(String.raw({ raw: texts }, ...values.map(written)));
}

function written(value: string | number | Html | Html[]): string {
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(({ markup }) => markup).join('');
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(value).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
