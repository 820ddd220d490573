import { fileURLToPath } from 'node:url';

/** The folder of this repository. */
export const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** The folder with the compiled sources, which `checker/bin/graminsta.mjs` makes. @throws Error outside of a command. */
export function compiled(): string {
  const folder = process.env['GRAMINSTA_BUILD'];
  if (folder === undefined) throw new Error('The sources are compiled by checker/bin/graminsta.mjs, and this was started without it.');
  return folder;
}
