// What every kind of service on a machine can do, here. One file per kind beside this one.

import type { ServiceDescription } from '../../stack/description.ts';
import type { Log } from '../log.ts';
import type { RunDirectory } from '../run-directory.ts';
import type { ProcessOptions, RunningProcess } from '../process.ts';

/** Where a service finds its machine's things. */
export interface Home {
  machine: string;
  /** All of the machine's disk. Every process of the learner's carries it in `GRAMINSTA_MACHINE`. */
  folder: string;
  /** The machine's own copy of the step's files: the working directory of what runs there. */
  filesFolder: string;
  /** `DATA_DIR`: what a service keeps. */
  dataFolder: string;
  temporaryFolder: string;
  run: RunDirectory;
}

/** How a program is started. */
export type Launch = Pick<ProcessOptions, 'command' | 'args' | 'env' | 'identity'> & {
  /** What the program is taken from, where it is none of this computer's. */
  image?: string | undefined;
};

/** Told when a service begins or ends to accept connections: its wires open and close with it. */
export type OnListening = (listening: boolean) => void | Promise<void>;

export interface Service<Description extends ServiceDescription = ServiceDescription> {
  readonly description: Description;
  /** What the learner knows it by: `src/server.ts`, `Postgres`. */
  readonly title: string;
  readonly port: number;
  readonly log: Log;
  /** What it runs in, or undefined while it does not run; a stand-in has none. */
  readonly process: RunningProcess | undefined;
  readonly running: boolean;
  /** Whether it accepts connections, as far as is known. */
  readonly listening: boolean;
  /** How its program is started, in order that a container can be made for it; a stand-in has none. */
  launch?(): Promise<Launch>;
  /** Starts it; the promise is fulfilled when its process runs. */
  start(): Promise<void>;
  /** Fulfilled when it accepts connections. @throws StartFailure when it does not come to that. */
  ready(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM or its like, then a grace. False when it had to be killed. */
  stop(graceMs: number): Promise<boolean>;
}

export type StartProblem = 'exited' | 'silent' | 'other port';

/** A service that did not come to accept connections. */
export class StartFailure extends Error {
  override name = 'StartFailure';
  readonly machine: string;
  readonly service: ServiceDescription;
  readonly problem: StartProblem;
  readonly log: Log;
  /** Whether it had been started before. */
  readonly again: boolean;

  constructor(
    machine: string,
    service: ServiceDescription,
    problem: StartProblem,
    message: string,
    log: Log,
    again = false,
  ) {
    super(message);
    this.again = again;
    this.machine = machine;
    this.service = service;
    this.problem = problem;
    this.log = log;
  }
}
