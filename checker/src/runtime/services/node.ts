import { connect } from 'node:net';
import path from 'node:path';
import type { NodeDescription } from '../../stack/description.ts';
import { cacheFolder } from '../cache.ts';
import type { Log } from '../log.ts';
import { ServiceProcess } from '../process.ts';
import { listeningPorts } from '../process-tree.ts';
import { compiledPath } from '../transpile.ts';
import { pause } from '../until.ts';
import { StartFailure, type Home, type OnListening, type Service } from './service.ts';

/** How long a program may take until it listens; longer than the slowest start on a busy laptop. */
const patienceMs = 10_000;
/** How long it may listen elsewhere before that is taken for its final choice. */
const wrongPortMs = 1_500;

export interface NodeServiceOptions {
  home: Home;
  description: NodeDescription;
  port: number;
  log: Log;
  /** Resolved for this machine. */
  env: () => Record<string, string>;
  onListening: OnListening;
}

/** A program of the step, run with the Node.js that runs us. */
export class NodeService implements Service<NodeDescription> {
  readonly description: NodeDescription;
  readonly port: number;
  readonly log: Log;
  process: ServiceProcess | undefined;
  listening = false;
  readonly #home: Home;
  readonly #env: () => Record<string, string>;
  readonly #onListening: OnListening;
  #told: Promise<void> = Promise.resolve();
  #starts = 0;

  constructor({ home, description, port, log, env, onListening }: NodeServiceOptions) {
    this.description = description;
    this.port = port;
    this.log = log;
    this.#home = home;
    this.#env = env;
    this.#onListening = onListening;
  }

  async start(): Promise<void> {
    this.#starts += 1;
    const { filesFolder, dataFolder, temporaryFolder, machine, run } = this.#home;
    const file = compiledPath(path.join(filesFolder, this.description.entry));
    this.process = await ServiceProcess.start({
      command: process.execPath,
      args: ['--enable-source-maps', file],
      cwd: filesFolder,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: temporaryFolder,
        TMPDIR: temporaryFolder,
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        // Understood from Node.js 22 on: the second start of the same code is quicker.
        NODE_COMPILE_CACHE: path.join(cacheFolder(), 'compiled'),
        ...this.#env(),
        HOST: '127.0.0.1',
        PORT: String(this.port),
        MACHINE_NAME: machine,
        DATA_DIR: dataFolder,
        GRAMINSTA_MACHINE: this.#home.folder,
      },
      log: this.log,
      run,
    });
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
        const others = listeningPorts(program.pid).filter((port) => port !== this.port);
        elsewhereSinceMs = others.length > 0 ? (elsewhereSinceMs ?? waitedMs) : undefined;
        if (elsewhereSinceMs !== undefined && waitedMs - elsewhereSinceMs > wrongPortMs) {
          throw this.#failure('other port', `it listens on port ${others.join(', ')}, and its PORT is ${this.port}. Read the port from the environment: process.env.PORT.`);
        }
      }
      if (waitedMs > patienceMs) {
        throw this.#failure('silent', `it runs, but nothing listens on its PORT (${this.port}) after ${patienceMs / 1000} s.`);
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
    const ended = (await this.process?.terminate(graceMs)) ?? true;
    this.process = undefined;
    return ended;
  }

  /** Follows it for as long as it runs: also a program that listens late, or ends by itself, has to be noticed. */
  async #watch(program: ServiceProcess): Promise<void> {
    void program.exited.then(() => {
      if (this.process === program) this.#tell(false);
    });
    const startedAt = performance.now();
    while (!program.exit && this.process === program) {
      if (await accepts(this.port)) {
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
    const { machine } = this.#home;
    return new StartFailure(machine, this.description, problem, `${this.description.entry} on ${machine} was started, and ${what}`, this.log, this.#starts > 1);
  }
}

function exitText(program: ServiceProcess | undefined): string {
  if (program?.endedBecause !== undefined) return program.endedBecause;
  const exit = program?.exit;
  return `ended with ${exit?.signal ? `signal ${exit.signal}` : `exit code ${String(exit?.code)}`}`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
