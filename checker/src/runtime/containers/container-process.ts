// A container that exists, as what a service runs in: Docker does to it what signals do to a process.

import { PassThrough, type Readable } from 'node:stream';
import { readFileSync } from 'node:fs';
import type { Log } from '../log.ts';
import type { Exit, RunningProcess } from '../process.ts';
import type { RunDirectory } from '../run-directory.ts';
import { askDocker, attach, beginCall, DockerError, finishCall } from './docker-api.ts';

export interface FollowOptions {
  /** The container's id or name. It exists. */
  id: string;
  log: Log;
  run: RunDirectory;
  /** True when it is to be started now; false when somebody else has started it. */
  start: boolean;
}

interface Inspected {
  Id: string;
  State: { Pid: number; Running: boolean; ExitCode: number };
  Config: { Tty: boolean };
}

/** How long Docker may take for what it does in a few milliseconds. */
const timeoutMs = 30_000;

export class ContainerProcess implements RunningProcess {
  readonly id: string;
  /** The number of its first process, where the engine runs on our kernel; else undefined. */
  readonly pid: number | undefined;
  readonly exited: Promise<Exit>;
  exit: Exit | undefined;
  endedBecause: string | undefined;

  private constructor(id: string, pid: number | undefined, exited: Promise<Exit>) {
    this.id = id;
    this.pid = pid;
    this.exited = exited.then((exit) => (this.exit = exit));
  }

  /**
   * Follows what a container prints, and how it ends. It can be followed again after a new start.
   * @throws DockerError when it cannot be started
   */
  static async follow({ id, log, run, start }: FollowOptions): Promise<ContainerProcess> {
    // Before it starts, so that nothing it prints is missed; of one that runs, what it has printed is read as well.
    const ended = start ? await beginCall({ method: 'POST', path: `/containers/${id}/wait`, query: { condition: 'next-exit' } }) : undefined;
    await followLog(id, log, start);
    if (start) {
      try {
        await askDocker({ method: 'POST', path: `/containers/${id}/start`, timeoutMs });
      } catch (error) {
        ended?.destroy();
        throw error;
      }
    }
    const waiting = ended ?? (await beginCall({ method: 'POST', path: `/containers/${id}/wait`, query: { condition: 'not-running' } }));
    const inspected = await askDocker<Inspected>({ method: 'GET', path: `/containers/${id}/json`, timeoutMs });
    const pid = ownNumber(inspected);
    if (pid !== undefined) run.own(pid);
    const exited = exitOf(waiting, inspected.Id).then((exit) => {
      if (pid !== undefined) run.disown(pid);
      return exit;
    });
    return new ContainerProcess(inspected.Id, pid, exited);
  }

  /** SIGKILL to all that is in it; returns when it has ended. The container and its disk stay. */
  async kill(): Promise<void> {
    if (this.exit) return;
    await this.#signal('SIGKILL');
    await this.exited;
  }

  end(because: string): void {
    if (this.exit) return;
    this.endedBecause = because;
    void this.#signal('SIGKILL').catch(() => undefined);
  }

  async terminate(graceMs: number, signalName: NodeJS.Signals = 'SIGTERM'): Promise<boolean> {
    if (this.exit) return true;
    await this.#signal(signalName);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), graceMs)));
    const ended = await Promise.race([this.exited.then(() => true), patience]);
    clearTimeout(timer);
    if (!ended) await this.kill();
    return ended;
  }

  /** Docker's own pause: the kernel gives no time to anything in it. */
  async pause(): Promise<void> {
    if (!this.exit) await unlessSo(askDocker({ method: 'POST', path: `/containers/${this.id}/pause`, timeoutMs }));
  }

  async resume(): Promise<void> {
    if (!this.exit) await unlessSo(askDocker({ method: 'POST', path: `/containers/${this.id}/unpause`, timeoutMs }));
  }

  /** Frees its name and its disk; what runs in it is killed. */
  async remove(): Promise<void> {
    await unlessSo(askDocker({ method: 'DELETE', path: `/containers/${this.id}`, query: { force: 'true', v: 'true' }, timeoutMs }));
  }

  async #signal(name: NodeJS.Signals): Promise<void> {
    await unlessSo(askDocker({ method: 'POST', path: `/containers/${this.id}/kill`, query: { signal: name }, timeoutMs }));
  }
}

/** That it is gone, or as it should be already, is no mistake. */
async function unlessSo(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof DockerError) || (error.status !== 404 && error.status !== 409 && error.status !== 304)) throw error;
    // Docker refuses with 500 as well as with 409, by version: what does not run cannot be killed.
  }
}

/** What it prints from now on, or, of one that runs, from its beginning. */
async function followLog(id: string, log: Log, isNew: boolean): Promise<void> {
  const both: Readable = isNew
    ? await attach(id)
    : await beginCall({ method: 'GET', path: `/containers/${id}/logs`, query: { follow: '1', stdout: '1', stderr: '1' } });
  const [out, err] = [new PassThrough(), new PassThrough()];
  log.follow(out);
  log.follow(err);
  split(both, out, err);
}

/** Docker sends both streams of a container in one: eight bytes before each piece say which, and how long it is. */
function split(both: Readable, out: PassThrough, err: PassThrough): void {
  let rest: Buffer = Buffer.alloc(0);
  both.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(4)) {
      const end = 8 + rest.readUInt32BE(4);
      (rest[0] === 2 ? err : out).write(rest.subarray(8, end));
      rest = rest.subarray(end);
    }
  });
  const finish = (): void => {
    out.end();
    err.end();
  };
  both.once('end', finish);
  both.once('close', finish);
  both.once('error', finish);
}

/** Docker tells 137 for a program that SIGKILL ended: 128 and the signal's number. */
const signals: Readonly<Record<number, NodeJS.Signals>> = { 129: 'SIGHUP', 130: 'SIGINT', 131: 'SIGQUIT', 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };

async function exitOf(waiting: Awaited<ReturnType<typeof beginCall>>, id: string): Promise<Exit> {
  let code: number;
  try {
    code = (await finishCall<{ StatusCode: number }>(waiting)).StatusCode;
  } catch {
    // The engine itself went away, or was started again: whatever runs now is not what we started.
    const now = await askDocker<Inspected>({ method: 'GET', path: `/containers/${id}/json`, timeoutMs }).catch(() => undefined);
    code = now?.State.ExitCode ?? 137;
  }
  const signal = signals[code];
  return signal === undefined ? { code, signal: null } : { code: null, signal };
}

/** The number that its first process has for us. `/proc` shows it where the engine runs on our kernel, in the control group of the container. */
function ownNumber({ Id: id, State: { Pid: pid } }: Inspected): number | undefined {
  if (pid === 0) return undefined;
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'latin1').includes(id) ? pid : undefined;
  } catch {
    return undefined;
  }
}
