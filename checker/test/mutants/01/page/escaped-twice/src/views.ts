// Mutant: captions are escaped by hand and by the template, and people read &amp;amp;.
// The templates in views/. `<%= … %>` writes text, escaped; `<%~ … %>` writes markup as it is.

import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';

const eta = new Eta({ views: fileURLToPath(new URL('../views', import.meta.url)), cache: true });

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export function render(view: string, data: object): string {
  return eta.render(`./${view}`, data);
}
