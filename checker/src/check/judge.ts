// Runs one check and says what came of it. Whatever happens, all that it started is stopped.

import path from 'node:path';
import type { StackDescription } from '../stack/description.ts';
import { StackError } from '../stack/stack-error.ts';
import type { Exercise, Step } from '../stack/step.ts';
import { missingOfFixed } from '../stack/validate.ts';
import {
  loadStack,
  ownFrames,
  prepareStepFiles,
  Ports,
  RunDirectory,
  RunningStack,
  SourceError,
  StartFailure,
  withoutDisks,
  type StepFiles,
} from '../runtime/index.ts';
import { App } from './app.ts';
import { BusyMeter } from './busy.ts';
import type { Check, StartOptions } from './exercise.ts';
import { Failure, NotRun, type Finding } from './failure.ts';

export type Outcome =
  | { verdict: 'passed'; ms: number }
  | { verdict: 'failed'; ms: number; finding: Finding }
  | { verdict: 'not run'; ms: number; reason: string; remedy?: string | undefined }
  | { verdict: 'fault'; ms: number; error: string };

interface Prepared {
  description: StackDescription;
  files: StepFiles;
}

export interface Subject {
  step: Step;
  /** The folder with the learner's stack.ts and src. */
  stepFolder: string;
}

export interface JudgeOptions {
  /** Ends it early. */
  signal?: AbortSignal;
  /** Does not ask for what the step fixes: the pain is felt before anything is solved. */
  asItIs?: boolean;
}

/** What several exercises of one command share. */
export class Courtroom {
  readonly run: RunDirectory;
  readonly ports: Ports;
  readonly busy = new BusyMeter();
  readonly #prepared = new Map<string, Promise<Prepared>>();
  readonly #ending = new Set<Promise<void>>();

  private constructor(run: RunDirectory, ports: Ports) {
    this.run = run;
    this.ports = ports;
  }

  static async open(): Promise<Courtroom> {
    return new Courtroom(await RunDirectory.create(), await Ports.claim());
  }

  /** Waits until everything is stopped and gone. */
  async close(): Promise<void> {
    await Promise.all(this.#ending);
    await this.busy.close();
    await this.ports.release();
    await this.run.remove();
  }

  /** What a subject describes, and its files as machines get them: made once, however many exercises ask. */
  prepare(stepFolder: string): Promise<Prepared> {
    const known = this.#prepared.get(stepFolder);
    if (known) return known;
    const prepared = (async () => {
      const scratch = await this.run.forStack();
      const description = await loadStack(stepFolder, scratch, this.run);
      return { description, files: await prepareStepFiles(stepFolder, description, path.join(scratch, 'files')) };
    })();
    this.#prepared.set(stepFolder, prepared);
    return prepared;
  }

  /** Judges a subject by the check of one exercise. Never throws. */
  async judge(subject: Subject, exercise: Exercise, check: Check, { signal, asItIs = false }: JudgeOptions = {}): Promise<Outcome> {
    const startedAt = performance.now();
    const ms = (): number => Math.round(performance.now() - startedAt);
    const trial = new Trial(this, subject, exercise);
    try {
      await unlessAborted(trial.run(check, asItIs), signal);
      return { verdict: 'passed', ms: ms() };
    } catch (error) {
      return { ...this.#outcomeOf(error, trial, subject), ms: ms() };
    } finally {
      // The next exercise need not wait until these machines are gone; `close` does.
      const ending = trial.end().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
  }

  #outcomeOf(error: unknown, trial: Trial, subject: Subject): DistributiveOmit<Outcome, 'ms'> {
    if (error instanceof NotRun) return { verdict: 'not run', reason: error.message, remedy: error.remedy };
    const finding = findingOf(error, subject);
    if (!finding) return { verdict: 'fault', error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    if (isAboutTime(error, finding) && this.busy.wasBusy()) {
      return {
        verdict: 'not run',
        reason: 'This computer was too busy to judge it.',
        remedy: 'Close what keeps it busy, then run it again.',
      };
    }
    const ended = error instanceof StartFailure ? [] : trial.ended();
    return {
      verdict: 'failed',
      finding: { ...finding, saw: withoutDisks([finding.saw, ...ended].join('; '), [this.run.path]), log: finding.log ?? trial.logs(finding.machine) },
    };
  }
}

/** Whether it might have gone well on a computer with more time to spare. */
function isAboutTime(error: unknown, { kind }: Finding): boolean {
  if (error instanceof StartFailure) return error.problem !== 'exited';
  return kind === 'too slow' || kind === 'no answer';
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** One run of one check. */
class Trial {
  readonly #room: Courtroom;
  readonly #subject: Subject;
  readonly #exercise: Exercise;
  readonly #apps: App[] = [];
  readonly #starting = new Set<Promise<unknown>>();
  #ended = false;

  constructor(room: Courtroom, subject: Subject, exercise: Exercise) {
    this.#room = room;
    this.#subject = subject;
    this.#exercise = exercise;
  }

  async run(check: Check, asItIs: boolean): Promise<void> {
    const { step, stepFolder } = this.#subject;
    const { description, files } = await this.#room.prepare(stepFolder);
    const missing = asItIs ? undefined : missingOfFixed(description, step.fixed);
    if (missing !== undefined) throw new StackError(missing);
    await check({
      step,
      exercise: this.#exercise,
      description,
      start: (options) => this.#start(description, files, options),
      timed: (section) => this.#room.ports.alone(section),
    });
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled(this.#starting);
    await Promise.all(
      this.#apps.map(async (app) => {
        await app.close();
        await app.stack.stop();
      }),
    );
  }

  /** Programs that ended by themselves: often the reason why something else is missing. */
  ended(): string[] {
    const machines = [...(this.#apps.at(-1)?.stack.machines.values() ?? [])];
    return machines.flatMap(({ name, services }) =>
      services.flatMap(({ description, process }) => {
        if (!process?.exit) return [];
        const what = description.kind === 'node' ? description.entry : description.name;
        return [`${what} on ${name} had ended by itself (${process.exit.signal ?? `exit code ${String(process.exit.code)}`})`];
      }),
    );
  }

  /** The last that Node services printed: those of one machine, or of all. */
  logs(machine?: string): NonNullable<Finding['log']> {
    const app = this.#apps.at(-1);
    if (!app) return [];
    return [...app.stack.machines.values()]
      .filter(({ name }) => machine === undefined || name === machine)
      .flatMap(({ name, services }) =>
        services
          .filter(({ description }) => description.kind !== 'postgres')
          .map(({ log }) => ({ machine: name, lines: log.tail(8) })),
      )
      .filter(({ lines }) => lines.length > 0);
  }

  async #start(description: StackDescription, files: StepFiles, options: StartOptions = {}): Promise<App> {
    const { step } = this.#subject;
    const variables = step.fixed.variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
    const starting = this.#room.run.forStack().then((stackFolder) =>
      RunningStack.start(options.rearrange?.(description) ?? description, {
        files,
        stackFolder,
        run: this.#room.run,
        ports: this.#room.ports,
        variables: Object.fromEntries(variables),
        ...(options.off && { off: options.off }),
      }),
    );
    this.#starting.add(starting);
    const app = new App(await starting);
    this.#apps.push(app);
    if (this.#ended) throw new NotRun('Interrupted.');
    if (!options.unready && !options.off) await app.untilReady();
    return app;
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new NotRun('Interrupted.'));
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What is told of a mistake that keeps the app from running. Undefined for anything that is not the learner's. */
function findingOf(error: unknown, { stepFolder }: Subject): Finding | undefined {
  if (error instanceof Failure) return error.finding;
  if (error instanceof StackError) {
    return {
      kind: 'wrong stack',
      did: 'stack.ts was read',
      saw: error.message,
      expected: 'a description of machines that can be started',
      why: 'Nothing is started before the machines are described.',
      place: 'stack.ts',
    };
  }
  if (error instanceof SourceError) {
    return {
      kind: 'did not start',
      did: `${error.place.split(':')[0] || 'The code'} was read`,
      saw: error.message,
      expected: 'code that runs',
      why: 'Nothing can be judged before the code runs.',
      place: error.place,
    };
  }
  if (error instanceof StartFailure) {
    const lines = error.log.tail(40);
    const [place] = ownFrames(lines.join('\n'), stepFolder);
    return {
      kind: 'did not start',
      did: `${error.machine} was started${error.again ? ' again, on the disk it had' : ''}`,
      saw: error.message,
      expected: 'a program that listens on HOST and PORT',
      why: 'A machine on which nothing listens serves nobody.',
      machine: error.machine,
      ...(place !== undefined && { place }),
      log: [{ machine: error.machine, lines: lines.slice(-12) }],
    };
  }
  return undefined;
}
