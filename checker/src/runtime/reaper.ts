// Outlives the command that started it, and ends what the command owned. It reads on its standard input
// what there is to end; when that input closes, the command is gone, however it went (also by SIGKILL,
// which no handler of its own could have seen).
//
//   own 4711        a process, with everything below it
//   disown 4711     ended in order
//
// Its arguments are the run whose processes carry it in GRAMINSTA_RUN, and the folder that goes with it.

import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { removeContainersOf } from './containers/remains.ts';
import { removeSharedMemory, removeUnnotedSharedMemory } from './postgres/remains.ts';
import { isAlive, signal, withDescendants, withVariable, workingIn } from './process-tree.ts';

const owned = new Set<number>();
const [run = '', folder = ''] = process.argv.slice(-2);

// Ctrl-C reaches the whole foreground group, and this one has work to do afterwards.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, value = ''] = line.split(/ (.*)/s);
  if (verb === 'own') owned.add(Number(value));
  if (verb === 'disown') owned.delete(Number(value));
}

const left = (): number[] => withDescendants([...owned, ...withVariable('GRAMINSTA_RUN', run), ...workingIn(folder)]).filter(isAlive);

// The family is listed before the first of it dies: orphans lose their parent, and with it the trace to us.
let family = left();
const killed = new Set(family);
for (let round = 0; family.length > 0 && round < 200; round += 1) {
  for (const pid of family) signal(pid, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 10));
  family = [...new Set([...family, ...left()])].filter(isAlive);
  for (const pid of family) killed.add(pid);
}
await removeContainersOf({ id: run, folder });
removeSharedMemory(folder);
removeUnnotedSharedMemory([...killed, ...owned]);
await rm(folder, { recursive: true, force: true, maxRetries: 5 });
