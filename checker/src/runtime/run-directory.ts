// Where the machines of one command have their disks. One folder, which goes when the command goes, and a
// reaper that sees to it when the command cannot.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { isServer, postgresRemains, removeSharedMemory } from './postgres/remains.ts';
import { isAlive, signal, withDescendants, withVariable } from './process-tree.ts';

const user = process.getuid?.() ?? 0;
const prefix = `graminsta-${user}-`;
const neededBytes = 1024 * 1024 * 1024;

/** Paths of Unix sockets end at about 100 characters, so the folder's name has to be short: not macOS's TMPDIR. */
const bases = ['/dev/shm', '/tmp'].filter((base) => {
  try {
    accessSync(base, constants.W_OK);
    return statSync(base).isDirectory();
  } catch {
    return false;
  }
});

export class RunDirectory {
  readonly path: string;
  /** Carried by every process of this run in `GRAMINSTA_RUN`. */
  readonly id: string;
  readonly #reaper: ChildProcess;
  readonly #owned = new Set<number>();
  #stacks = 0;

  private constructor(folder: string, id: string, reaper: ChildProcess) {
    this.path = folder;
    this.id = id;
    this.#reaper = reaper;
  }

  /** Makes the folder, in memory where there is room, and sweeps what killed runs left behind. */
  static async create(): Promise<RunDirectory> {
    sweep();
    const id = `${process.pid}-${randomBytes(3).toString('hex')}`;
    const folder = path.join(await roomyBase(), `${prefix}${id}`);
    // There before the folder is, which would stay if we were killed between the two; hence not as a file in it.
    const reaper = spawn(process.execPath, ['--input-type=module', '--eval', await reaperProgram(), id, folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: { GRAMINSTA_REAPER: id },
    });
    reaper.unref();
    reaper.stdin?.on('error', () => undefined);
    await mkdir(folder);
    // Postgres runs as somebody else when we are root, and has to get to its folder through this one.
    await chmod(folder, 0o711);
    return new RunDirectory(folder, id, reaper);
  }

  /** A folder for one more stack of this command. */
  async forStack(): Promise<string> {
    this.#stacks += 1;
    const folder = path.join(this.path, String(this.#stacks));
    await mkdir(folder);
    return folder;
  }

  own(pid: number): void {
    this.#owned.add(pid);
    this.#tell(`own ${pid}`);
  }

  disown(pid: number): void {
    if (this.#owned.delete(pid)) this.#tell(`disown ${pid}`);
  }

  /** Ends what is left and removes the folder. The reaper does it, because it would have to in any case. */
  async remove(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#reaper.once('exit', () => resolve()));
    this.#reaper.ref();
    this.#reaper.stdin?.end();
    if (this.#reaper.exitCode === null) await ended;
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }

  #tell(line: string): void {
    this.#reaper.stdin?.write(`${line}\n`);
  }
}

async function roomyBase(): Promise<string> {
  for (const base of bases) {
    const { bavail, bsize } = await statfs(base);
    // Containers often have 64 MB of shared memory; a stack of six machines wants more.
    if (bavail * bsize >= neededBytes) return base;
  }
  return bases.at(-1) ?? '/tmp';
}

let program: Promise<string> | undefined;

/** The reaper as one text of JavaScript, so that it starts without a compiler beside it. */
function reaperProgram(): Promise<string> {
  const entry = fileURLToPath(new URL('reaper.ts', import.meta.url));
  program ??= build({ entryPoints: [entry], bundle: true, minify: true, platform: 'node', format: 'esm', write: false }).then(
    ({ outputFiles }) => outputFiles[0]?.text ?? '',
  );
  return program;
}

/** Ends and removes what runs left behind whose command and reaper were both killed. */
function sweep(): void {
  for (const base of bases) {
    for (const name of readdirSync(base)) {
      if (!name.startsWith(prefix)) continue;
      const id = name.slice(prefix.length);
      if (isAlive(Number(id.split('-')[0])) || withVariable('GRAMINSTA_REAPER', id).length > 0) continue;
      const folder = path.join(base, name);
      // Postgres overwrites its environment with its title, but writes down its process id.
      const servers = postgresRemains(folder).map(({ pid }) => pid).filter(isServer);
      for (const pid of withDescendants([...withVariable('GRAMINSTA_RUN', id), ...servers])) signal(pid, 'SIGKILL');
      removeSharedMemory(folder);
      void rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
