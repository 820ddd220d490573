// Programs of this computer: where they are, and what adds one that is missing. `checker/programs.txt` lists them for
// ./setup, for the doctor and for the machines that run them.

import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Program {
  /** `tests` when only the project's own tests use it. */
  for: 'all' | 'tests';
  /** Any of them will do; whole paths among them, and such below the repository. */
  names: string[];
  debian: string;
  brew: string;
  /** What is not run without it. */
  unlocks: string;
}

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const table = path.join(repository, 'checker/programs.txt');

/** @throws Error when a line of the table is not as its head says: our own mistake. */
export function parsePrograms(text: string): Program[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).map((line) => {
    const [audience, names, debian, brew, unlocks, ...more] = line.split('|');
    const isWhole = names && debian && brew && unlocks && more.length === 0;
    if (!isWhole || (audience !== 'all' && audience !== 'tests')) throw new Error(`A line of checker/programs.txt cannot be understood: ${line}`);
    return { for: audience, names: names.split(','), debian, brew, unlocks };
  });
}

/**
 * Where the first of these programs is, by the names' order; undefined when none is.
 * @param names whole paths among them, and such that begin at `below`
 */
export async function find(names: readonly string[], env: NodeJS.ProcessEnv = process.env, below = repository): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const places = names.flatMap((name) => (name.includes('/') ? [path.resolve(below, name)] : folders.map((folder) => path.join(folder, name))));
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

const someManager = "install it with your system's package manager";

/** What says how to add a program, in the words of ./setup. */
export type HowToAdd = (program: Pick<Program, 'names' | 'debian' | 'brew'>) => string;

/** Asks which package manager is here. */
export async function adding(env: NodeJS.ProcessEnv = process.env): Promise<HowToAdd> {
  const [apt, brew] = await Promise.all([find(['apt-get'], env), find(['brew'], env)]);
  if (apt !== undefined) return (program) => `sudo apt-get install ${program.debian}${isMadeHere(program) ? "; without root's rights: ./setup in a terminal" : ''}`;
  if (brew !== undefined) return (program) => `brew install ${program.brew}`;
  return unknownManager;
}

/** Where nobody knows which package manager is here. */
export const unknownManager: HowToAdd = (program) => `${someManager}${isMadeHere(program) ? ', or run ./setup in a terminal' : ''}`;

/** Whether ./setup can make one in the workshop's own folder, for which nobody needs rights. */
function isMadeHere({ names }: Pick<Program, 'names'>): boolean {
  return names.some((name) => name.includes('/') && !path.isAbsolute(name));
}

/** Something needs a program that this computer does not have, or cannot use. Nobody's mistake. */
export class MissingProgram extends Error {
  override name = 'MissingProgram';
  /** The command that adds it, or what to do instead. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Where a program is that a machine runs. @throws MissingProgram with the command that adds it */
export function requireProgram(name: string, machine: string): Promise<string> {
  return locate(name, `Machine "${machine}" runs ${name}`);
}

/**
 * Where a program is: also in folders for system programs that a user's PATH may leave out.
 * @param use who needs it and for what, as the first half of a sentence
 * @throws MissingProgram with the command that adds it
 */
export async function locate(name: string, use: string): Promise<string> {
  const missing = (remedy: string): MissingProgram => new MissingProgram(`${use}, which is not installed on this computer.`, remedy);
  if (name.includes('/')) {
    if (await isProgram(name)) return name;
    throw missing(someManager);
  }
  const known = parsePrograms(await readFile(table, 'utf8')).find(({ names }) => names.includes(name));
  const system = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/usr/local/bin'].map((folder) => path.join(folder, name));
  const found = await find([...(known?.names ?? [name]), ...system]);
  if (found !== undefined) return found;
  throw missing(known ? (await adding())(known) : `install ${name} with your system's package manager`);
}
