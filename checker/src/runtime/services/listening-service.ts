// What every program has in common that is ready when it answers on its port; most do as soon as they listen.

import path from 'node:path';
import type { ServiceDescription } from '../../stack/description.ts';
import { sourceOf, type Source } from '../containers/service-source.ts';
import type { Place } from '../hosting.ts';
import type { Log } from '../log.ts';
import type { RunningProcess } from '../process.ts';
import { listeningPorts } from '../process-tree.ts';
import { pause } from '../until.ts';
import { StartFailure, type Home, type Launch, type OnListening, type Service } from './service.ts';
import { startLaunch } from './start-launch.ts';

/** How long a program may take until it listens; longer than the slowest start on a busy laptop. */
const patienceMs = 10_000;
/** How long it may listen elsewhere before that is taken for its final choice. */
const wrongPortMs = 1_500;

export interface ListeningServiceOptions<Description extends ServiceDescription> {
  home: Home;
  description: Description;
  place: Place;
  log: Log;
  /** Resolved for this machine. */
  env: () => Record<string, string>;
  onListening: OnListening;
}

export abstract class ListeningService<Description extends ServiceDescription> implements Service<Description> {
  readonly description: Description;
  readonly port: number;
  readonly log: Log;
  process: RunningProcess | undefined;
  listening = false;
  protected readonly home: Home;
  protected readonly place: Place;
  readonly #env: () => Record<string, string>;
  readonly #onListening: OnListening;
  #told: Promise<void> = Promise.resolve();
  #starts = 0;

  constructor({ home, description, place, log, env, onListening }: ListeningServiceOptions<Description>) {
    this.description = description;
    this.port = place.port;
    this.place = place;
    this.log = log;
    this.home = home;
    this.#env = env;
    this.#onListening = onListening;
  }

  /** What the learner knows it by: `src/server.ts`. */
  abstract readonly title: string;
  /** What to do about a program that listens on another port. */
  protected abstract readonly portRemedy: string;

  /** What asks it to end in order. */
  protected readonly stopSignal: NodeJS.Signals = 'SIGTERM';

  abstract launch(): Promise<Launch>;

  /** Where its program comes from. @throws MissingProgram */
  protected async source(name: string): Promise<Source> {
    return this.place.container ? { command: path.basename(name) } : sourceOf(name, this.home.machine);
  }

  /** Whether it is there for those who connect. */
  protected answers(): Promise<boolean> {
    return accepts(this.place);
  }

  get running(): boolean {
    return this.process !== undefined && this.process.exit === undefined;
  }

  /** What stack.ts gives it, and what the machine does. */
  protected environment(): Record<string, string> {
    const { machine, dataFolder, folder } = this.home;
    const { host, port } = this.place.listens;
    return { ...this.#env(), HOST: host, PORT: String(port), MACHINE_NAME: machine, DATA_DIR: dataFolder, GRAMINSTA_MACHINE: folder };
  }

  /** What any program finds in its environment. */
  protected system(): Record<string, string> {
    const { temporaryFolder } = this.home;
    return { PATH: process.env['PATH'] ?? '', HOME: temporaryFolder, TMPDIR: temporaryFolder, LANG: 'C.UTF-8', TZ: 'UTC' };
  }

  async start(): Promise<void> {
    this.#starts += 1;
    // A container was made to be launched like this; what lies on the disk for it is laid there anew.
    const launch = await this.launch();
    this.process = (await this.place.container?.start(this.log)) ?? (await startLaunch(launch, { home: this.home, cwd: this.home.filesFolder, log: this.log }));
    void this.#watch(this.process);
  }

  async ready(): Promise<void> {
    const program = this.process;
    const startedAt = performance.now();
    let lookedAtMs = 0;
    let elsewhereSinceMs: number | undefined;
    while (!this.listening) {
      if (!program || program.exit) {
        throw this.#failure('exited', `it ${exitText(program)} instead of listening on its PORT.`);
      }
      const waitedMs = performance.now() - startedAt;
      if (waitedMs - lookedAtMs > 250) {
        lookedAtMs = waitedMs;
        const others = (program.pid === undefined ? [] : listeningPorts(program.pid)).filter((port) => port !== this.place.listens.port);
        elsewhereSinceMs = others.length > 0 ? (elsewhereSinceMs ?? waitedMs) : undefined;
        if (elsewhereSinceMs !== undefined && waitedMs - elsewhereSinceMs > wrongPortMs) {
          throw this.#failure('other port', `it listens on port ${others.join(', ')}, and its PORT is ${this.place.listens.port}. ${this.portRemedy}`);
        }
      }
      if (waitedMs > patienceMs) {
        throw this.#failure('silent', `it runs, but nothing listens on its PORT (${this.place.listens.port}) after ${patienceMs / 1000} s.`);
      }
      await pause(2);
    }
    await this.#told;
  }

  async kill(): Promise<void> {
    this.#tell(false);
    await this.process?.kill();
    this.process = undefined;
  }

  async stop(graceMs: number): Promise<boolean> {
    const ended = (await this.process?.terminate(graceMs, this.stopSignal)) ?? true;
    this.process = undefined;
    return ended;
  }

  /** Follows it for as long as it runs: also a program that listens late, or ends by itself, has to be noticed. */
  async #watch(program: RunningProcess): Promise<void> {
    void program.exited.then(() => {
      if (this.process === program) this.#tell(false);
    });
    const startedAt = performance.now();
    while (!program.exit && this.process === program) {
      if (await this.answers()) {
        if (this.process === program && !program.exit) this.#tell(true);
        return;
      }
      await pause(performance.now() - startedAt < 1_000 ? 4 : 25);
    }
  }

  #tell(listening: boolean): void {
    this.#told = Promise.resolve(this.#onListening(listening));
    void this.#told.then(() => (this.listening = listening));
  }

  #failure(problem: 'exited' | 'other port' | 'silent', what: string): StartFailure {
    const { machine } = this.home;
    return new StartFailure(machine, this.description, problem, `${this.title} on ${machine} was started, and ${what}`, this.log, this.#starts > 1);
  }
}

function exitText(program: RunningProcess | undefined): string {
  if (program?.endedBecause !== undefined) return program.endedBecause;
  const exit = program?.exit;
  return `ended with ${exit?.signal ? `signal ${exit.signal}` : `exit code ${String(exit?.code)}`}`;
}

function accepts(place: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = place.dial();
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
