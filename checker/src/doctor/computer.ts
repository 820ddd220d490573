// The computer itself: what it is, and whether a stack finds room on it.

import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, release, totalmem } from 'node:os';
import path from 'node:path';
import { neededBytes } from '../runtime/run-remains.ts';
import type { Check } from './document.ts';
import type { Surroundings } from './surroundings.ts';
import { within } from './within.ts';

/** With less than this a stack does not even start. */
const barelyBytes = neededBytes / 4;

export function computerChecks(around: Surroundings): Promise<Check[]> {
  return Promise.all([systemCheck(around), memoryCheck(around), roomCheck(around), addressesCheck()]);
}

async function systemCheck(around: Surroundings): Promise<Check> {
  const { platform, arch, root, user, discreet } = around;
  const names: Partial<Record<NodeJS.Platform, string>> = { linux: 'Linux', darwin: 'macOS, Darwin' };
  const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(await textOf(path.join(root, 'etc/os-release')))?.[1];
  const parts = [
    ...(platform === 'linux' && distribution ? [distribution] : []),
    `${names[platform] ?? platform} ${discreet(release())}`,
    arch,
    ...((await isWsl(around)) ? ['in WSL'] : []),
    ...(isContainer(around) ? ['in a container'] : []),
    ...(user === 0 ? ['as root'] : []),
  ];
  return { id: 'system', section: 'computer', name: 'system', state: 'fine', saw: parts.join(', ') };
}

/** Whether this is the Linux inside Windows. */
export async function isWsl({ platform, root }: Pick<Surroundings, 'platform' | 'root'>): Promise<boolean> {
  return platform === 'linux' && /microsoft/i.test(await textOf(path.join(root, 'proc/version')));
}

function isContainer({ root }: Surroundings): boolean {
  return ['.dockerenv', 'run/.containerenv'].some((file) => existsSync(path.join(root, file)));
}

async function memoryCheck({ platform }: Surroundings): Promise<Check> {
  // A container may be given less than there is. Without a limit the number is 0, or absurdly large.
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  // macOS fills its memory with what it may drop again, and calls none of that free.
  const free = platform === 'darwin' ? '' : `, ${sizeOf(Math.min(total, process.availableMemory()))} of it free`;
  const processors = availableParallelism();
  return { id: 'memory', section: 'computer', name: 'memory', state: 'fine', saw: `${sizeOf(total)}${free}; ${processors} ${processors === 1 ? 'processor' : 'processors'}` };
}

async function roomCheck({ bases }: Surroundings): Promise<Check> {
  const rooms = await Promise.all(bases.map(async (base) => ({ base, bytes: await within(freeBytes(base), undefined) })));
  return { id: 'room', section: 'computer', name: 'room', ...roomFor(rooms) };
}

/** Judges the places for a command's disks, the first with enough of which is taken, or else the last. */
export function roomFor(rooms: readonly { base: string; bytes: number | undefined }[]): Pick<Check, 'state' | 'saw' | 'remedy'> {
  const saw = rooms.map(({ base, bytes }) => `${bytes === undefined ? 'an unknown amount' : sizeOf(bytes)} free in ${base}`).join(', ');
  const taken = rooms.find(({ bytes }) => (bytes ?? 0) >= neededBytes) ?? rooms.at(-1);
  if (!taken) return { state: 'wrong', saw: 'neither /dev/shm nor /tmp can be written', remedy: 'make /tmp a folder that everybody may write' };
  if (taken.bytes === undefined || taken.bytes >= neededBytes) return { state: 'fine', saw };
  const state = taken.bytes < barelyBytes ? 'wrong' : 'note';
  return { state, saw: `${saw}; a stack wants ${sizeOf(neededBytes)} in one of them`, remedy: `remove files from ${taken.base}` };
}

async function freeBytes(base: string): Promise<number> {
  const { bavail, bsize } = await statfs(base);
  return bavail * bsize;
}

async function addressesCheck(): Promise<Check> {
  const check = { id: 'addresses', section: 'computer', name: 'addresses' } as const;
  const [first, second] = await Promise.all(['127.0.0.1', '127.0.0.2'].map((host) => within(canListenOn(host), false)));
  if (!first) return { ...check, state: 'wrong', saw: 'nothing may listen on 127.0.0.1, which every machine does' };
  if (second) return { ...check, state: 'fine', saw: '127.0.0.1, 127.0.0.2 and so on: enough for many people' };
  return { ...check, state: 'note', saw: '127.0.0.1 alone, as on macOS', notRun: 'exercises that need people with addresses of their own' };
}

function canListenOn(host: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port: 0, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** `512 MB`, `5.1 GB`, `24 GB`. */
export function sizeOf(bytes: number): string {
  const gigabytes = bytes / 1024 ** 3;
  if (gigabytes < 1) return `${Math.floor(bytes / 1024 ** 2)} MB`;
  return `${gigabytes < 10 ? gigabytes.toFixed(1).replace('.0', '') : Math.floor(gigabytes)} GB`;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
