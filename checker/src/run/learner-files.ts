// The files of a step that are the learner's, their pristine state, and copies of them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { keptFolder, makeKeptFolder, NotKept, reasonOf } from './kept/kept-file.ts';
import { layFiles, removedBy } from './overlay.ts';
import type { StepPlace } from './steps.ts';

/** What the workshop keeps for itself in a step's folder. */
const ours = new Set(['node_modules', 'check', 'solution', 'start', 'step.ts', 'README.md', 'package.json', 'tsconfig.json', 'phone']);

/** Where the step's start state is kept as it was, whatever happens to the learner's files beside it. */
export function startFolder({ folder }: StepPlace): string {
  return path.join(folder, 'start');
}

/** Where the step's reference solution is: an overlay. */
export function solutionFolder({ folder }: StepPlace): string {
  return path.join(folder, 'solution');
}

/** The files that the solution changes or adds, and those of the start that it removes, relative to the step. */
export function solutionFiles(place: StepPlace): { changed: string[]; removed: string[] } {
  const overlay = solutionFolder(place);
  const gone = removedBy(overlay);
  const removed = filesBelow(startFolder(place)).filter((file) => gone.some((name) => file === name || file.startsWith(name + path.sep)));
  return { changed: filesBelow(overlay).filter((file) => !path.basename(file).startsWith('.')), removed };
}

/** Every file below a folder, relative to it. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Whether a file or folder of a step, relative to it, is the learner's to change. */
export function isLearnerFile(file: string): boolean {
  const parts = file.split(path.sep);
  return !ours.has(parts[0] ?? '') && !parts.some(isScratch);
}

/** What editors write while people type: vim's `.page.ts.swp`, `4913` and `page.ts~`, Emacs' `#page.ts#` and `.#page.ts`. */
function isScratch(name: string): boolean {
  return /^[.#]|~$|^4913$/.test(name);
}

/** The learner's files of a step, relative to its folder. */
export function learnerFiles({ folder }: StepPlace): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !ours.has(name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(path.join(folder, entry.name)).map((file) => path.join(entry.name, file)) : [entry.name]))
    .sort();
}

/** Copies the learner's files away. @returns the folder with the copy. @throws NotKept, and then nothing was changed. */
export async function backUp(place: StepPlace): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const backup = path.join(keptFolder, 'backups', `${place.name}-${time}`);
  try {
    await makeKeptFolder();
    await mkdir(backup, { recursive: true });
    for (const file of learnerFiles(place)) {
      await cp(path.join(place.folder, file), path.join(backup, file), { recursive: true });
    }
  } catch (error) {
    await rm(backup, { recursive: true, force: true }).catch(() => undefined);
    throw new NotKept(`Your files could not be backed up: ${reasonOf(error)}. Nothing was changed.`, { cause: error });
  }
  return backup;
}

/** Puts the start state in the place of the learner's files. */
export async function restoreStart(place: StepPlace): Promise<void> {
  const before = learnerFiles(place);
  await cp(startFolder(place), place.folder, { recursive: true });
  // Last, so that a copy that cannot be finished has taken away nothing.
  const start = new Set(filesBelow(startFolder(place)));
  for (const file of before) if (!start.has(file)) await rm(path.join(place.folder, file));
}

/** Lays the solution over the learner's files. */
export function applySolution(place: StepPlace): void {
  layFiles(solutionFolder(place), place.folder);
}

/** A file's text, or nothing when it is not there. */
export function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
