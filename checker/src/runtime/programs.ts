// Programs of this computer: where they are, and what adds one that is missing. `checker/programs.txt` lists them for
// ./setup, for the doctor and for the machines that run them.

import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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

const table = fileURLToPath(new URL('../../programs.txt', import.meta.url));

/** @throws Error when a line of the table is not as its head says: our own mistake. */
export function parsePrograms(text: string): Program[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).map((line) => {
    const [audience, names, debian, brew, unlocks, ...more] = line.split('|');
    const isWhole = names && debian && brew && unlocks && more.length === 0;
    if (!isWhole || (audience !== 'all' && audience !== 'tests')) throw new Error(`A line of checker/programs.txt cannot be understood: ${line}`);
    return { for: audience, names: names.split(','), debian, brew, unlocks };
  });
}

/** Where the first of these programs is, by the names' order; undefined when none is. Names may be whole paths. */
export async function find(names: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
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

export const someManager = "install it with your system's package manager";

/** The words that say how to add a package, as ./setup says them. */
export async function adding(env: NodeJS.ProcessEnv = process.env): Promise<(debian: string, brew: string) => string> {
  const [apt, brew] = await Promise.all([find(['apt-get'], env), find(['brew'], env)]);
  if (apt !== undefined) return (debian) => `sudo apt-get install ${debian}`;
  if (brew !== undefined) return (_, name) => `brew install ${name}`;
  return () => someManager;
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
  throw missing(known ? (await adding())(known.debian, known.brew) : `install ${name} with your system's package manager`);
}
