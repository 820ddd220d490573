// The programs of the system, which `checker/programs.txt` lists for ./setup and for the doctor.

import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Check } from './document.ts';
import { seen } from './seen.ts';
import type { Surroundings } from './surroundings.ts';
import { within } from './within.ts';

export interface Program {
  /** `tests` when only the project's own tests use it. */
  for: 'all' | 'tests';
  /** Any of them will do; whole paths among them. */
  names: string[];
  debian: string;
  brew: string;
  /** What is not run without it. */
  unlocks: string;
}

/** @throws Error when a line of the table is not as its head says: our own mistake. */
export function parsePrograms(table: string): Program[] {
  return table.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).map((line) => {
    const [audience, names, debian, brew, unlocks, ...more] = line.split('|');
    const isWhole = names && debian && brew && unlocks && more.length === 0;
    if (!isWhole || (audience !== 'all' && audience !== 'tests')) throw new Error(`A line of checker/programs.txt cannot be understood: ${line}`);
    return { for: audience, names: names.split(','), debian, brew, unlocks };
  });
}

/** Looks for every program of the table, and for Docker. */
export async function programChecks(around: Surroundings): Promise<Check[]> {
  const table = seen<Check[]>(
    around,
    () => tableChecks(around),
    (saw) => [{ id: 'programs', section: 'programs', name: 'programs', state: 'wrong', saw, remedy: 'git checkout checker/programs.txt' }],
  );
  return (await Promise.all([table, dockerCheck(around)])).flat();
}

async function tableChecks(around: Surroundings): Promise<Check[]> {
  const programs = parsePrograms(await readFile(path.join(around.repository, 'checker/programs.txt'), 'utf8'));
  const add = within(adding(around.env), () => someManager);
  return Promise.all(programs.map((program) => programCheck(program, around, add)));
}

async function programCheck({ for: audience, names, debian, brew, unlocks }: Program, around: Surroundings, add: Promise<Adding>): Promise<Check> {
  const [name = ''] = names;
  const check = { id: `program.${name}`, section: 'programs', name } as const;
  const found = await within(find(names, around.env), 'no answer' as const);
  if (found === 'no answer') return { ...check, state: 'note', saw: 'not known: the folders of PATH do not answer in time', notRun: unlocks };
  if (found !== undefined) return { ...check, state: 'fine', saw: around.discreet(found) };
  return { ...check, state: audience === 'all' ? 'wrong' : 'note', saw: 'not found', notRun: unlocks, remedy: (await add)(debian, brew) };
}

async function dockerCheck({ env, discreet }: Surroundings): Promise<Check> {
  const found = await within(find(['docker'], env), undefined);
  const check = { id: 'docker', section: 'programs', name: 'Docker' } as const;
  return found === undefined ? { ...check, state: 'note', saw: 'not found; no step needs it' } : { ...check, state: 'fine', saw: `${discreet(found)}; no step needs it` };
}

/** Where the first of these programs is, by the names' order; undefined when none is. Names may be whole paths. */
export async function find(names: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const places = names.flatMap((name) => (path.isAbsolute(name) ? [name] : folders.map((folder) => path.join(folder, name))));
  const found = await Promise.all(places.map(isProgram));
  return places.find((_, index) => found[index]);
}

/** Whether a file is there that we may execute. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** The words that say how to add a package, as ./setup says them. */
type Adding = (debian: string, brew: string) => string;

const someManager = "install it with your system's package manager";

async function adding(env: NodeJS.ProcessEnv): Promise<Adding> {
  const [apt, brew] = await Promise.all([find(['apt-get'], env), find(['brew'], env)]);
  if (apt !== undefined) return (debian) => `sudo apt-get install ${debian}`;
  if (brew !== undefined) return (_, name) => `brew install ${name}`;
  return () => someManager;
}
