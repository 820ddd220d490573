// Where run directories lie, who still looks after each, and what becomes of those that nobody does.

import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { removeContainersOf } from './containers/remains.ts';
import { isServer, postgresRemains, removeSharedMemory } from './postgres/remains.ts';
import { isAlive, signal, withDescendants, withVariable } from './process-tree.ts';

/** How the name of a run directory begins; its run's id follows. */
export const prefix = `graminsta-${process.getuid?.() ?? 0}-`;

/** What a stack wants to find free. */
export const neededBytes = 1024 * 1024 * 1024;

/** Paths of Unix sockets end at about 100 characters, so the folder's name has to be short: not macOS's TMPDIR. */
export const bases = ['/dev/shm', '/tmp'].filter((base) => {
  try {
    accessSync(base, constants.W_OK);
    return statSync(base).isDirectory();
  } catch {
    return false;
  }
});

export interface Run {
  /** `4711-c0ffee`: the command's process, and something random. */
  id: string;
  folder: string;
}

/** This user's run directories, those of commands that run among them. */
export function findRuns(places: readonly string[] = bases): Run[] {
  return places.flatMap((base) =>
    readdirSync(base)
      .filter((name) => name.startsWith(prefix))
      .map((name) => ({ id: name.slice(prefix.length), folder: path.join(base, name) })),
  );
}

/** The process of the command that a run is of. */
export function commandOf(id: string): number {
  return Number(id.split('-')[0]);
}

/** Whether a run's command and its reaper are both gone. */
export function isAbandoned(id: string): boolean {
  return !isAlive(commandOf(id)) && withVariable('GRAMINSTA_REAPER', id).length === 0;
}

/** The processes of a run that still run, with everything below them. */
export function processesOf({ id, folder }: Run): number[] {
  // Postgres overwrites its environment with its title, but writes down its process id.
  const servers = postgresRemains(folder).map(({ pid }) => pid).filter(isServer);
  return withDescendants([...withVariable('GRAMINSTA_RUN', id), ...servers]);
}

/** Ends and removes what runs left behind whose command and reaper were both killed. Settles when the folders are gone. */
export function sweep(places: readonly string[] = bases): Promise<unknown> {
  const removals = findRuns(places).filter(({ id }) => isAbandoned(id)).map(async (run) => {
    for (const pid of processesOf(run)) signal(pid, 'SIGKILL');
    await removeContainersOf(run);
    removeSharedMemory(run.folder);
    await rm(run.folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return Promise.all(removals);
}
