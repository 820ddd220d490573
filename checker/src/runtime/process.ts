import { spawn, type ChildProcess } from 'node:child_process';
import { Log } from './log.ts';
import { isAlive, signal, withDescendants } from './process-tree.ts';
import type { RunDirectory } from './run-directory.ts';
import { pause } from './until.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProcessOptions {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** Undefined: as we ourselves run. */
  identity?: { uid: number; gid: number } | undefined;
  log: Log;
  run: RunDirectory;
}

/** What a service runs in: a process here, or a container. */
export interface RunningProcess {
  /** Its number on this computer; undefined where that is not known, as of what runs in a virtual machine. */
  readonly pid: number | undefined;
  readonly exited: Promise<Exit>;
  readonly exit: Exit | undefined;
  /** Why it was ended by us although nobody asked for it: `used more than …`. */
  readonly endedBecause: string | undefined;
  /** SIGKILL to it and everything below it; returns when all of it is gone. */
  kill(): Promise<void>;
  /** SIGKILL for a reason that is the program's own. */
  end(because: string): void;
  /** Asks it to end, and waits. False when it had to be killed after `graceMs`. */
  terminate(graceMs: number, signalName?: NodeJS.Signals): Promise<boolean>;
  /** Alive but silent, with everything below it. */
  pause(): void | Promise<void>;
  resume(): void | Promise<void>;
}

/** A process of a service, in a session of its own so that Ctrl-C in the terminal does not reach it. */
export class ServiceProcess implements RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;
  endedBecause: string | undefined;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number, log: Log, run: RunDirectory) {
    this.#child = child;
    this.pid = pid;
    run.own(pid);
    if (child.stdout) log.follow(child.stdout);
    if (child.stderr) log.follow(child.stderr);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signalName) => {
        this.exit = { code, signal: signalName };
        run.disown(pid);
        resolve(this.exit);
      });
    });
  }

  /** @throws Error when the program cannot be run at all. */
  static async start({ command, args, cwd, env, identity, log, run }: ProcessOptions): Promise<ServiceProcess> {
    const child = spawn(command, args, {
      cwd,
      env: { ...env, GRAMINSTA_RUN: run.id },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...identity,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return new ServiceProcess(child, child.pid!, log, run);
  }

  async kill(): Promise<void> {
    // Once it is gone its number may be somebody else's.
    await end(this.exit ? [] : withDescendants([this.pid]));
    if (!this.exit) await this.exited;
  }

  end(because: string): void {
    if (this.exit) return;
    this.endedBecause = because;
    for (const pid of withDescendants([this.pid])) signal(pid, 'SIGKILL');
  }

  async terminate(graceMs: number, signalName: NodeJS.Signals = 'SIGTERM'): Promise<boolean> {
    const family = this.exit ? [] : withDescendants([this.pid]);
    this.#child.kill(signalName);
    const patience = new AbortController();
    const ended = await Promise.race([this.exited.then(() => true), waitFor(graceMs, patience.signal)]);
    patience.abort();
    await end(ended ? family.slice(1) : family);
    await this.exited;
    return ended;
  }

  /** The parent stops first, so that it cannot fork meanwhile. */
  pause(): void {
    signal(this.pid, 'SIGSTOP');
    for (const pid of withDescendants([this.pid])) signal(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of withDescendants([this.pid]).reverse()) signal(pid, 'SIGCONT');
  }
}

async function end(family: readonly number[]): Promise<void> {
  for (const pid of family) signal(pid, 'SIGKILL');
  while (family.some(isAlive)) await pause(2);
}

function waitFor(ms: number, abort: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    abort.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
