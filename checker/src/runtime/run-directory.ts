// Where the machines of one command have their disks. One folder, which goes when the command goes, and a
// reaper that sees to it when the command cannot.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bases, neededBytes, prefix, sweep } from './run-remains.ts';

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
    // A folder that is somebody else's stays theirs.
    void sweep().catch(() => undefined);
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

  /** Processes that were started for it and have not ended: each with all that hangs below it. */
  get owned(): ReadonlySet<number> {
    return this.#owned;
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
