// A machine's disk: its own copy of the step's files, its data, its temporary files.

import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { StepFiles } from './step-files.ts';

export interface Disk {
  folder: string;
  filesFolder: string;
  dataFolder: string;
  temporaryFolder: string;
}

/** Lays out a machine's disk, or finds it as it was; the step's files on it are always as they are now. */
export async function layOutDisk(stackFolder: string, machine: string, files: StepFiles): Promise<Disk> {
  const folder = path.join(stackFolder, machine);
  const disk: Disk = {
    folder,
    filesFolder: path.join(folder, 'files'),
    dataFolder: path.join(folder, 'data'),
    temporaryFolder: path.join(folder, 'tmp'),
  };
  await rm(disk.filesFolder, { recursive: true, force: true });
  for (const part of [disk.filesFolder, disk.dataFolder, disk.temporaryFolder]) await mkdir(part, { recursive: true });
  await cp(files.folder, disk.filesFolder, { recursive: true });
  if (files.ownPackages !== undefined) await symlink(files.ownPackages, path.join(disk.filesFolder, 'node_modules'));
  if (files.sharedPackages !== undefined) {
    const link = path.join(folder, 'node_modules');
    await rm(link, { force: true });
    await symlink(files.sharedPackages, link);
  }
  return disk;
}

export async function loseDisk(stackFolder: string, machine: string): Promise<void> {
  await rm(path.join(stackFolder, machine), { recursive: true, force: true, maxRetries: 5 });
}
