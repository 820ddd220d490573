import type { MachineDescription } from '../stack/description.ts';
import { cpuMsOf } from './cpu.ts';
import { bytesOf } from './memory.ts';
import { signal, withDescendants, withVariable } from './process-tree.ts';
import type { Service } from './services/service.ts';
import type { StepFiles } from './step-files.ts';

/** How long a deploy waits after SIGTERM before it kills. */
export const graceMs = 10_000;

const maxLooks = 10;

export interface MachineParts {
  description: MachineDescription;
  services: Service[];
  /** Its disk; what carries it in `GRAMINSTA_MACHINE` is on this machine, wherever it hangs in the tree of processes. */
  folder: string;
  /** Its own copy of the step's files. */
  filesFolder: string;
  /** Replaces the step's files on its disk; its data stays. */
  newFiles: (files: StepFiles) => Promise<void>;
  /** Empties the machine's disk and lays it out again. */
  newDisk: () => Promise<void>;
  emptyTemporary: () => Promise<void>;
}

/** A machine that runs: what can happen to it happens to all that is on it. */
export class RunningMachine {
  readonly name: string;
  readonly services: readonly Service[];
  readonly #folder: string;
  readonly #filesFolder: string;
  readonly #newFiles: (files: StepFiles) => Promise<void>;
  readonly #newDisk: () => Promise<void>;
  readonly #emptyTemporary: () => Promise<void>;
  /** What happens to it at the moment. */
  readonly #doing = new Set<Promise<unknown>>();
  #gone = false;

  constructor({ description, services, folder, filesFolder, newFiles, newDisk, emptyTemporary }: MachineParts) {
    this.name = description.name;
    this.services = services;
    this.#folder = folder;
    this.#filesFolder = filesFolder;
    this.#newFiles = newFiles;
    this.#newDisk = newDisk;
    this.#emptyTemporary = emptyTemporary;
  }

  /** Whether anything on it runs. */
  get running(): boolean {
    return this.services.some(({ running }) => running);
  }

  /**
   * Starts what does not run, in the order of description; each service waits for the one before it.
   * @param wait false: do not wait until they accept connections, as when something that they need is not there yet.
   * @throws StartFailure
   */
  start({ wait = true }: { wait?: boolean } = {}): Promise<void> {
    return this.#during(async () => {
      for (const service of this.services) {
        if (service.running) continue;
        this.#assertThere();
        await service.start();
        if (wait) await service.ready();
      }
    });
  }

  /** Starts the services that come before the first one with code or configuration of the learner's. @throws StartFailure */
  warm(): Promise<void> {
    return this.#during(async () => {
      for (const service of this.services) {
        if (service.description.kind !== 'postgres' && service.description.kind !== 'redis') return;
        this.#assertThere();
        await service.start();
        await service.ready();
      }
    });
  }

  /** Replaces the step's files on its disk; its data stays. */
  newFiles(files: StepFiles): Promise<void> {
    return this.#during(() => this.#newFiles(files));
  }

  /** Changes its own copy of the step's files, as a deploy would before a restart; `change` is given their folder. A new disk has them as they were. */
  changeFiles(change: (folder: string) => Promise<void>): Promise<void> {
    return this.#during(() => change(this.#filesFolder));
  }

  /** The power goes: SIGKILL to all that runs on it. Its disk stays, but for temporary files, as after any boot. */
  kill(): Promise<void> {
    return this.#during(async () => {
      await this.#endAll();
      await this.#emptyTemporary();
    });
  }

  /** Ends it for good: whoever has not heard of it, as a check that was abandoned, can start nothing on it any more. */
  async retire(): Promise<void> {
    this.#gone = true;
    await this.#endAll();
    await Promise.allSettled(this.#doing);
    await this.#endAll();
  }

  /** Its processes, and all below them. */
  #family(): number[] {
    return withDescendants(this.services.flatMap(({ running, process }) => (running && process?.pid !== undefined ? [process.pid] : [])));
  }

  async #endAll(): Promise<void> {
    // All at once, before anything can react to the end of anything else.
    for (const pid of this.#family()) signal(pid, 'SIGKILL');
    this.#endDetached();
    await Promise.all(this.services.map((service) => service.kill()));
  }

  async #during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#assertThere();
    const doing = work();
    this.#doing.add(doing);
    return doing.finally(() => this.#doing.delete(doing));
  }

  #assertThere(): void {
    if (this.#gone) throw new Error(`The machine "${this.name}" is gone: what it was needed for is over.`);
  }

  /** Alive but silent: its connections stay open, and nothing answers. */
  async pause(): Promise<void> {
    const own = this.services.find(({ running, process }) => running && !process);
    if (own) throw new Error(`${own.title} cannot be paused: it is part of the checker itself.`);
    await Promise.all(this.services.map(async ({ process }) => process?.pause()));
  }

  async resume(): Promise<void> {
    await Promise.all(this.services.map(async ({ process }) => (process?.exit ? undefined : process?.resume())));
  }

  /**
   * A deploy: SIGTERM, a grace of ten seconds, then a start on the same disk.
   * @returns the services that had to be killed because they did not end.
   */
  async restart(): Promise<Service[]> {
    const killed = await this.stop(graceMs);
    await this.start();
    return killed;
  }

  /** Ends everything on it in order, last started first. Returns what had to be killed after the grace. */
  stop(grace: number): Promise<Service[]> {
    return this.#during(() => this.#endInOrder(grace));
  }

  async #endInOrder(grace: number): Promise<Service[]> {
    const killed: Service[] = [];
    for (const service of [...this.services].reverse()) {
      if (!(await service.stop(grace))) killed.push(service);
    }
    this.#endDetached();
    return killed;
  }

  /** What left its parent and went on by itself is on the machine all the same; it may be starting more of its kind. */
  #endDetached(): void {
    if (process.platform !== 'linux') return;
    for (let look = 0; look < maxLooks; look += 1) {
      const detached = withDescendants(withVariable('GRAMINSTA_MACHINE', this.#folder));
      if (detached.length === 0) return;
      for (const pid of detached) signal(pid, 'SIGKILL');
    }
  }

  /** The machine and its disk are lost; a new one of the same name takes its place. */
  async replace(): Promise<void> {
    await this.kill();
    await this.#during(this.#newDisk);
    await this.start();
  }

  /** What its programs have in memory together at this moment, in bytes. */
  memoryBytes(): number {
    return bytesOf(this.#family());
  }

  /** What its programs have used so far, in milliseconds of one processor: who is busy, and who only waits. Begins anew when it is killed. */
  cpuMs(): number {
    return cpuMsOf(this.#family());
  }

  /** One service of it, for accidents that hit a process and not the machine. */
  service(kind: string): Service {
    const service = this.services.find(({ description }) => description.name === kind);
    if (!service) throw new Error(`There is no ${kind} on "${this.name}".`);
    return service;
  }
}
