// Runs one check and says what came of it. Whatever happens, all that it started is stopped.

import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { BusyMeter } from '../check/busy.ts';
import type { Check, StartOptions } from '../check/exercise.ts';
import { Failure, NotRun, type Finding } from '../check/failure.ts';
import {
  loadStack,
  MissingProgram,
  OthersCpu,
  pause,
  Ports,
  prepareStepFiles,
  RunDirectory,
  RunningStack,
  StartFailure,
  withoutDisks,
  type Hosting,
  type StackOptions,
  type StepFiles,
} from '../runtime/index.ts';
import { EngineProblem } from '../runtime/containers/engine-problems.ts';
import type { StackDescription } from '../stack/description.ts';
import type { Exercise, Step } from '../stack/step.ts';
import { Ahead } from './ahead.ts';
import { findingOf } from './findings.ts';
import type { Outcome } from './outcome.ts';
import { Trial } from './trial.ts';

const exitNewsMs = 25;
/** Programs of a stack that start beside one that is judged, and still leave it the time it needs. */
const machinesPerProcessor = 4;

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
  /** Another exercise will follow: while this one is judged, machines for that one are started already. */
  another?: boolean;
}

export interface CourtroomOptions {
  /** False: sections whose time is judged do not wait for each other; for what is expected to fail. */
  timedAlone?: boolean;
  /** What stacks run in: processes of this computer unless it is said. */
  hosting?: Hosting | undefined;
}

/** What several exercises of one command share. */
export class Courtroom {
  readonly run: RunDirectory;
  readonly ports: Ports;
  readonly busy: BusyMeter;
  readonly #prepared = new Map<string, Promise<Prepared>>();
  /** The folders in which that is. */
  readonly #scratch = new Map<string, Promise<string>>();
  readonly #ending = new Set<Promise<void>>();
  readonly #timedAlone: boolean;
  readonly #hosting: Hosting | undefined;
  readonly #ahead = new Ahead();

  private constructor(run: RunDirectory, ports: Ports, { timedAlone = true, hosting }: CourtroomOptions) {
    this.run = run;
    this.ports = ports;
    this.#timedAlone = timedAlone;
    this.#hosting = hosting;
    // Containers hang below Docker, and are the learner's all the same.
    // Commands that are run together on purpose, as by tests, are not what else keeps this computer busy.
    const isTogether = process.env['GRAMINSTA_TOGETHER'] !== undefined;
    this.busy = new BusyMeter(isTogether ? undefined : new OthersCpu(() => [process.pid, ...run.owned]));
  }

  static async open(options: CourtroomOptions = {}): Promise<Courtroom> {
    return new Courtroom(await RunDirectory.create(), await Ports.claim(), options);
  }

  /** Whether machines are containers, all of them. */
  get isOnDocker(): boolean {
    return this.#hosting !== undefined;
  }

  /** Waits until everything is stopped and gone. */
  async close(): Promise<void> {
    await Promise.all(this.#ending);
    await this.#ahead.close();
    await this.busy.close();
    await this.ports.release();
    await this.run.remove();
  }

  /** What a subject describes, and its files as machines get them: made once, however many exercises ask. */
  prepare(stepFolder: string): Promise<Prepared> {
    const known = this.#prepared.get(stepFolder);
    if (known) return known;
    const scratch = this.run.forStack();
    const prepared = (async () => {
      const description = await loadStack(stepFolder, await scratch, this.run);
      return { description, files: await prepareStepFiles(stepFolder, description, path.join(await scratch, 'files')) };
    })();
    this.#prepared.set(stepFolder, prepared);
    this.#scratch.set(stepFolder, scratch);
    return prepared;
  }

  /** Its files may have changed: what was made of them is of no use any more. */
  forget(stepFolder: string): void {
    this.#ahead.forget(stepFolder);
    const prepared = this.#prepared.get(stepFolder);
    const scratch = this.#scratch.get(stepFolder);
    this.#prepared.delete(stepFolder);
    const remove = async (): Promise<void> => {
      await prepared?.catch(() => undefined);
      // What is warm may be being laid out from there.
      await this.#ahead.settle();
      if (scratch) await rm(await scratch, { recursive: true, force: true });
    };
    this.#end(remove());
  }

  /** Starts ahead what needs none of the learner's code, for when it has changed. What cannot be started is left to the next trial. */
  async warm(subject: Subject): Promise<void> {
    const prepared = await this.prepare(subject.stepFolder).catch(() => undefined);
    if (prepared && !this.#ahead.isWarm) this.#ahead.warm(subject.stepFolder, prepared.description, await this.#options(subject, prepared.files));
  }

  /** Starts a subject's stack on new disks. @throws StackError, SourceError, StartFailure */
  async startStack(subject: Subject, { rearrange, off, hosts, variables, standIns }: StartOptions = {}): Promise<RunningStack> {
    const { description, files } = await this.prepare(subject.stepFolder);
    return RunningStack.start(rearrange?.(description) ?? description, {
      ...(await this.#options(subject, files, variables)),
      // Linux answers to all of 127.0.0.0/8, macOS to 127.0.0.1 alone.
      ...(hosts && process.platform === 'linux' && !this.#hosting && { hosts }),
      ...(off && { off }),
      ...(standIns && { standIns }),
    });
  }

  /** As `startStack`, with machines that were started ahead, if there are any. */
  async startPlain(subject: Subject): Promise<RunningStack> {
    const { stepFolder } = subject;
    const spare = this.#ahead.take(stepFolder);
    if (spare) return spare;
    const { description, files } = await this.prepare(stepFolder);
    return (await this.#ahead.takeWarm(stepFolder, description, files)) ?? this.startStack(subject);
  }

  async #options({ step }: Subject, files: StepFiles, more?: Record<string, string>): Promise<StackOptions> {
    const variables = step.fixed.variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
    return { files, stackFolder: await this.run.forStack(), run: this.run, ports: this.ports, hosting: this.#hosting, variables: { ...Object.fromEntries(variables), ...more } };
  }

  /**
   * Runs a section whose time is judged: alone on this computer, and with nothing being started beside it.
   * @param over rejects when nobody waits for it any more; others need not wait for its end then.
   */
  async undisturbed<Result>(section: () => Promise<Result>, over: Promise<never>): Promise<Result> {
    await this.#ahead.settle();
    const unlessOver = (): Promise<Result> => Promise.race([over, section()]);
    return this.#timedAlone ? this.ports.alone(unlessOver) : unlessOver();
  }

  /** Judges a subject by the check of one exercise. Never throws. */
  async judge(subject: Subject, exercise: Exercise, check: Check, { signal, asItIs = false, another = false }: JudgeOptions = {}): Promise<Outcome> {
    const startedAt = performance.now();
    const ms = (): number => Math.round(performance.now() - startedAt);
    const trial = new Trial(this, subject, exercise, () => {
      if (another) this.#end(this.#startAhead(subject));
    });
    try {
      await unlessAborted(() => trial.run(check, asItIs), signal);
      return { verdict: 'passed', ms: ms() };
    } catch (error) {
      // Connections break a moment before the end of their program is told.
      if (error instanceof Failure && error.finding.kind === 'no answer') await pause(exitNewsMs);
      return { ...this.#outcomeOf(error, trial, subject), ms: ms() };
    } finally {
      // The next exercise need not wait until these machines are gone; `close` does.
      this.#end(trial.end());
    }
  }

  /** Machines for the next exercise, unless there are so many of them that this one would be late. */
  async #startAhead(subject: Subject): Promise<void> {
    const prepared = await this.prepare(subject.stepFolder).catch(() => undefined);
    if (!prepared || prepared.description.machines.length > availableParallelism() * machinesPerProcessor) return;
    this.#ahead.start(subject.stepFolder, () => this.startStack(subject));
  }

  #end(work: Promise<unknown>): void {
    // What cannot be ended in order is left to the reaper.
    const ending = work.then(() => undefined, () => undefined).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #outcomeOf(error: unknown, trial: Trial, subject: Subject): DistributiveOmit<Outcome, 'ms'> {
    if (error instanceof MissingProgram || error instanceof EngineProblem) return { verdict: 'not run', reason: error.message, remedy: error.remedy };
    if (error instanceof NotRun) return { verdict: 'not run', reason: error.message, remedy: error.remedy };
    const finding = findingOf(error, subject.stepFolder);
    if (!finding) return { verdict: 'fault', error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const ended = error instanceof StartFailure ? [] : trial.ended();
    // A program that ended by itself would not have answered on a quicker computer either.
    if (ended.length === 0 && isAboutTime(error, finding) && this.busy.wasBusy()) {
      return {
        verdict: 'not run',
        reason: 'This computer was too busy to judge it.',
        remedy: 'Close what keeps it busy, then run it again.',
      };
    }
    return {
      verdict: 'failed',
      finding: { ...finding, saw: withoutDisks([finding.saw, ...ended].join('; '), [this.run.path]), log: finding.log ?? trial.logs(finding.machine) },
    };
  }
}

/** Whether it might have gone well on a computer with more time to spare. */
function isAboutTime(error: unknown, { kind, saw }: Finding): boolean {
  if (error instanceof StartFailure) return error.problem !== 'exited';
  // A balancer gives up machines that are late, and says so for them: that is an answer, and the lateness is what is wrong.
  return /→ 50[234]\b|\bno answer\b/.test(saw) || kind === 'too slow' || kind === 'no answer' || kind === 'requests failed';
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

function unlessAborted(work: () => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new NotRun('Interrupted.'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work().then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

