// The templates in views/. `<%= … %>` writes text, escaped; `<%~ … %>` writes markup as it is.

import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';

const eta = new Eta({ views: fileURLToPath(new URL('../views', import.meta.url)), cache: true });

export function render(view: string, data: object): string {
  return eta.render(`./${view}`, data);
}
