// A step's folder with other files laid over it: a solution, a mutant, an alternative.

import { existsSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { repository } from './repository.ts';

/** Copies a step to `folder` and lays each of `overlays` over it, in order. */
export async function layOver(stepFolder: string, overlays: readonly string[], folder: string): Promise<string> {
  const left = new Set(['node_modules', 'solution', 'start', 'check']);
  await cp(stepFolder, folder, { recursive: true, filter: (source) => !left.has(path.relative(stepFolder, source)) });
  for (const overlay of overlays) await cp(overlay, folder, { recursive: true });
  const own = path.join(stepFolder, 'node_modules');
  if (existsSync(own)) await symlink(own, path.join(folder, 'node_modules'));
  const shared = path.join(path.dirname(folder), 'node_modules');
  await mkdir(path.dirname(folder), { recursive: true });
  if (!existsSync(shared)) await symlink(path.join(repository, 'node_modules'), shared).catch(() => undefined);
  return folder;
}
