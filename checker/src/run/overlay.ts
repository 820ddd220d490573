// A step's folder with other files laid over it: a solution, a mutant, an alternative.

import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { repository } from './repository.ts';

/** The file of an overlay that names what it takes away, a file or folder a line. */
const removals = '.removed';

/** Copies a step to `folder` and lays each of `overlays` over it, in order. */
export async function layOver(stepFolder: string, overlays: readonly string[], folder: string): Promise<string> {
  const left = new Set(['node_modules', 'solution', 'start', 'check']);
  await cp(stepFolder, folder, { recursive: true, filter: (source) => !left.has(path.relative(stepFolder, source)) });
  for (const overlay of overlays) layFiles(overlay, folder);
  const own = path.join(stepFolder, 'node_modules');
  if (existsSync(own)) await symlink(own, path.join(folder, 'node_modules'));
  const shared = path.join(path.dirname(folder), 'node_modules');
  await mkdir(path.dirname(folder), { recursive: true });
  if (!existsSync(shared)) await symlink(path.join(repository, 'node_modules'), shared).catch(() => undefined);
  return folder;
}

/** Copies an overlay's files over those of a folder, and takes away what it names as removed. */
export function layFiles(overlay: string, folder: string): void {
  cpSync(overlay, folder, { recursive: true, filter: (source) => path.relative(overlay, source) !== removals });
  for (const removed of removedBy(overlay)) rmSync(path.join(folder, removed), { recursive: true, force: true });
}

/** The files and folders that an overlay takes away, relative to the step. */
export function removedBy(overlay: string): string[] {
  const list = path.join(overlay, removals);
  if (!existsSync(list)) return [];
  return readFileSync(list, 'utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}
