// The processes of one command, and what is left of them: processes, folders, shared memory. Several commands run on
// this computer at the same time, so everything is told by the numbers of the processes that made it.

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isAlive, withDescendants } from '../src/runtime/process-tree.ts';
import { until } from '../src/runtime/until.ts';

const user = process.getuid?.() ?? 0;
const bases = ['/dev/shm', '/tmp'].filter((base) => existsSync(base));
const hasProc = existsSync('/proc/self/stat');
const lookEveryMs = 50;

export class Family {
  readonly root: number;
  /** Every process ever seen below the command, and when it began: a number alone may be somebody else's by now. */
  readonly #seen = new Map<number, string>();
  readonly #timer: NodeJS.Timeout;
  readonly #since = Math.floor(Date.now() / 1_000);

  constructor(root: number) {
    this.root = root;
    this.look();
    this.#timer = setInterval(() => this.look(), lookEveryMs);
  }

  stopWatching(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    for (const pid of withDescendants([this.root])) {
      if (!this.#seen.has(pid)) this.#seen.set(pid, beginning(pid));
    }
  }

  /** Stops the command and its own helpers, and nothing of the learner's, which runs in sessions of its own. */
  stop(): void {
    process.kill(-this.root, 'SIGSTOP');
    this.look();
  }

  goOn(): void {
    try {
      process.kill(-this.root, 'SIGCONT');
    } catch {
      // Nothing of it is left.
    }
  }

  /** The child that judges: the one whose folder is there, or that has a reaper. */
  judge(): number | undefined {
    this.look();
    return [...this.#seen.keys()].find((pid) => pid !== this.root && foldersOf(pid).length > 0);
  }

  /** The processes that have this in their command line. */
  running(command: string): number[] {
    return this.alive().filter((pid) => commandLine(pid).includes(command));
  }

  /** Waits until one of its processes has this in its command line that is none of those. */
  async untilRuns(command: string, known: readonly number[] = []): Promise<void> {
    await until(`${command} to run`, () => this.running(command).some((pid) => !known.includes(pid)), { timeoutMs: 20_000 });
  }

  /** The processes that run now. */
  alive(): number[] {
    this.look();
    return this.#members().filter((pid) => isAlive(pid));
  }

  /** The folders of disks that its processes have at the moment. */
  folders(): string[] {
    this.look();
    return [...this.#seen.keys()].flatMap(foldersOf);
  }

  /** Everything of it that is still there, a line each. */
  remains(): string[] {
    const marks = [...this.#seen.keys()].flatMap((pid) => [`graminsta-${user}-${pid}-`, `GRAMINSTA_RUN=${pid}-`, `GRAMINSTA_REAPER=${pid}-`]);
    const strangers = hasProc ? numbers().filter((pid) => !this.#seen.has(pid) && traces(pid).some((trace) => marks.some((mark) => trace.includes(mark)))) : [];
    // One that is in the middle of its end has no command line any more.
    const processes = [...this.#members(), ...strangers].filter((pid) => isAlive(pid) && (!hasProc || commandLine(pid) !== '')).map((pid) => `process ${pid}: ${commandLine(pid)}`);
    const folders = [...this.#seen.keys()].flatMap(foldersOf).map((folder) => `folder ${folder}`);
    const segments = segmentsOf(this.#seen, this.#since).map((segment) => `System V segment ${segment}`);
    return [...processes, ...folders, ...segments];
  }

  #members(): number[] {
    return [...this.#seen].filter(([pid, since]) => beginning(pid) === since).map(([pid]) => pid);
  }
}

/** The addresses on which processes listen, as `/proc/net/tcp` writes them: `0100007F` is 127.0.0.1. */
export function listeningAddresses(pids: readonly number[]): string[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'latin1')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === '0A' && sockets.has(`socket:[${columns[9] ?? ''}]`))
      .map((columns) => columns[1]?.split(':')[0] ?? ''),
  );
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function numbers(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

/** What tells whose a process is. Postgres writes its title over its environment, but works in its data directory. */
function traces(pid: number): string[] {
  return [text(`/proc/${pid}/environ`), text(`/proc/${pid}/cmdline`), link(`/proc/${pid}/cwd`)];
}

function commandLine(pid: number): string {
  return text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 200);
}

/** In ticks since the computer started, the 22nd field; empty when the process is gone or there is no /proc. */
function beginning(pid: number): string {
  const stat = text(`/proc/${pid}/stat`);
  return hasProc ? (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '') : '';
}

function foldersOf(pid: number): string[] {
  return bases.flatMap((base) =>
    readdirSync(base).filter((name) => name.startsWith(`graminsta-${user}-${pid}-`)).map((name) => `${base}/${name}`),
  );
}

/**
 * The segments that one of these processes made.
 * @param since in seconds: what is older was made by another, whose number one of these has by now
 */
function segmentsOf(pids: ReadonlyMap<number, string>, since: number): string[] {
  // proc_sysvipc_shm(5): key, shmid, perms, size, cpid, lpid, nattch, uid, gid, cuid, cgid, atime, dtime, ctime, …
  const lines = text('/proc/sysvipc/shm').split('\n').slice(1).map((line) => line.trim().split(/\s+/));
  return lines.filter((columns) => pids.has(Number(columns[4])) && Number(columns[13]) >= since).map(([, id = '']) => id);
}

function text(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
