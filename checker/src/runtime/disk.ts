// A machine's disk: its own copy of the step's files, its data, its temporary files.

import { existsSync } from 'node:fs';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';

/** What is in a step's folder but on no machine. */
const keptBack = new Set(['node_modules', 'check', 'solution', 'start', '.graminsta', 'step.ts', 'stack.ts', 'README.md']);

export interface Disk {
  filesFolder: string;
  dataFolder: string;
  temporaryFolder: string;
}

/** Lays out a machine's disk, or finds it as it was; the step's files on it are always as they are now. */
export async function layOutDisk(stackFolder: string, machine: string, stepFolder: string): Promise<Disk> {
  const folder = path.join(stackFolder, machine);
  const disk: Disk = {
    filesFolder: path.join(folder, 'files'),
    dataFolder: path.join(folder, 'data'),
    temporaryFolder: path.join(folder, 'tmp'),
  };
  await rm(disk.filesFolder, { recursive: true, force: true });
  for (const part of Object.values(disk) as string[]) await mkdir(part, { recursive: true });
  await cp(stepFolder, disk.filesFolder, {
    recursive: true,
    filter: (source) => !keptBack.has(path.relative(stepFolder, source)),
  });
  // Packages that npm put beside the step, then those that all steps share: where Node.js looks, in its order.
  const own = path.join(stepFolder, 'node_modules');
  if (existsSync(own)) await symlink(own, path.join(disk.filesFolder, 'node_modules'));
  const shared = sharedPackages(stepFolder);
  const link = path.join(stackFolder, 'node_modules');
  if (shared && !existsSync(link)) await symlink(shared, link).catch(() => undefined);
  return disk;
}

export async function loseDisk(stackFolder: string, machine: string): Promise<void> {
  await rm(path.join(stackFolder, machine), { recursive: true, force: true, maxRetries: 5 });
}

function sharedPackages(stepFolder: string): string | undefined {
  for (let folder = path.dirname(stepFolder); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules');
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) return undefined;
  }
}
