// The commands that run now, and what those left behind that were killed together with their reaper.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { ago } from '../run/reports/ago.ts';
import { isAlive } from '../runtime/process-tree.ts';
import { commandOf, findRuns, isAbandoned, processesOf, sweep } from '../runtime/run-remains.ts';
import type { Check, Leftover, RunningCommand, Runs } from './document.ts';
import type { Surroundings } from './surroundings.ts';

/** What we name a run. Anybody may put other names into /tmp, and these are printed, also as a part of a command. */
const ownId = /^\d+-[0-9a-f]+$/;

/** Looks at all run directories of this user and sweeps the abandoned ones, as the next command would. */
export async function lookAtRuns({ bases }: Surroundings): Promise<{ runs: Runs; checks: Check[] }> {
  const found = findRuns(bases).filter(({ id }) => ownId.test(id));
  const running = found.filter(({ id }) => isAlive(commandOf(id))).map(({ id, folder }) => ({ pid: commandOf(id), since: beginning(folder) }));
  const swept = found.filter(({ id }) => isAbandoned(id)).map((run) => ({ folder: run.folder, processes: processesOf(run).length }));
  const strays = [...carriers()].filter(([id]) => !found.some((run) => run.id === id) && isAbandoned(id)).flatMap(([, pids]) => pids);
  let wasSwept = true;
  if (swept.length > 0) await sweep(bases).catch(() => (wasSwept = false));
  return { runs: { running, swept, strays }, checks: [runningCheck(running), leftoverCheck(swept, wasSwept), ...strayChecks(strays)] };
}

function runningCheck(running: readonly RunningCommand[]): Check {
  const each = running.map(({ pid, since }) => `process ${pid}, started ${ago(since)}`).join('; ');
  return { id: 'running', section: 'commands', name: 'running', state: 'fine', saw: running.length === 0 ? 'no command' : `${counted(running.length, 'command')}: ${each}` };
}

function leftoverCheck(swept: readonly Leftover[], wasSwept: boolean): Check {
  const check = { id: 'leftovers', section: 'commands', name: 'left behind' } as const;
  if (swept.length === 0) return { ...check, state: 'fine', saw: 'nothing' };
  const processes = swept.reduce((sum, each) => sum + each.processes, 0);
  const what = `${counted(swept.length, 'folder')} and ${counted(processes, 'process', 'processes')} of commands that were killed`;
  if (wasSwept) return { ...check, state: 'note', saw: `${what}; they are swept now, as the next command would have done` };
  return { ...check, state: 'note', saw: `${what}; not all could be removed`, remedy: `rm -rf ${swept.map(({ folder }) => folder).join(' ')}` };
}

function strayChecks(strays: readonly number[]): Check[] {
  if (strays.length === 0) return [];
  const saw = `${counted(strays.length, 'process', 'processes')} of commands that are gone, and whose folder is gone too: no command sweeps them`;
  return [{ id: 'strays', section: 'commands', name: 'strays', state: 'note', saw, remedy: `kill -9 ${strays.join(' ')}` }];
}

/** The processes of every run, by what they inherited. Linux only; elsewhere none are found. */
function carriers(): Map<string, number[]> {
  const byId = new Map<string, number[]>();
  for (const name of namesIn('/proc').filter((each) => /^\d+$/.test(each))) {
    const id = runOf(name);
    if (id !== undefined && ownId.test(id)) byId.set(id, [...(byId.get(id) ?? []), Number(name)]);
  }
  return byId;
}

function runOf(pid: string): string | undefined {
  const variable = 'GRAMINSTA_RUN=';
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').find((entry) => entry.startsWith(variable))?.slice(variable.length);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** When a folder was made, in ISO 8601. Some file systems do not know, and then it is when it changed last. */
function beginning(folder: string): string {
  try {
    const { birthtimeMs, mtimeMs } = statSync(folder);
    return new Date(birthtimeMs > 0 ? birthtimeMs : mtimeMs).toISOString();
  } catch {
    return new Date().toISOString();
  }
}

function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
