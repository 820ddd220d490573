// Runs one check and says what came of it. Whatever happens, all that it started is stopped.

import path from 'node:path';
import { BusyMeter } from '../check/busy.ts';
import type { Check, StartOptions } from '../check/exercise.ts';
import { NotRun, type Finding } from '../check/failure.ts';
import {
  loadStack,
  Ports,
  prepareStepFiles,
  RunDirectory,
  RunningStack,
  StartFailure,
  withoutDisks,
  type StepFiles,
} from '../runtime/index.ts';
import type { StackDescription } from '../stack/description.ts';
import type { Exercise, Step } from '../stack/step.ts';
import { findingOf } from './findings.ts';
import type { Outcome } from './outcome.ts';
import { Trial } from './trial.ts';

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

/** What several exercises of one command share. */
export class Courtroom {
  readonly run: RunDirectory;
  readonly ports: Ports;
  readonly busy = new BusyMeter();
  readonly #prepared = new Map<string, Promise<Prepared>>();
  readonly #ending = new Set<Promise<void>>();
  readonly #timedAlone: boolean;
  #spare: { subject: Subject; starting: Promise<RunningStack> } | undefined;

  private constructor(run: RunDirectory, ports: Ports, timedAlone: boolean) {
    this.run = run;
    this.ports = ports;
    this.#timedAlone = timedAlone;
  }

  /** @param timedAlone false: sections whose time is judged do not wait for each other; for what is expected to fail. */
  static async open({ timedAlone = true } = {}): Promise<Courtroom> {
    return new Courtroom(await RunDirectory.create(), await Ports.claim(), timedAlone);
  }

  /** Waits until everything is stopped and gone. */
  async close(): Promise<void> {
    await Promise.all(this.#ending);
    await this.#spare?.starting.then((stack) => stack.stop(), () => undefined);
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

  /** Starts a subject's stack on new disks. @throws StackError, SourceError, StartFailure */
  async startStack({ step, stepFolder }: Subject, { rearrange, off, hosts, variables: more }: StartOptions = {}): Promise<RunningStack> {
    const { description, files } = await this.prepare(stepFolder);
    const variables = step.fixed.variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
    return RunningStack.start(rearrange?.(description) ?? description, {
      files,
      stackFolder: await this.run.forStack(),
      run: this.run,
      ports: this.ports,
      variables: { ...Object.fromEntries(variables), ...more },
      // Linux answers to all of 127.0.0.0/8, macOS to 127.0.0.1 alone.
      ...(hosts && process.platform === 'linux' && { hosts }),
      ...(off && { off }),
    });
  }

  /** As `startStack`, with the machines that were started ahead, if there are any. */
  startPlain(subject: Subject): Promise<RunningStack> {
    const spare = this.#spare;
    if (spare?.subject.stepFolder !== subject.stepFolder) return this.startStack(subject);
    this.#spare = undefined;
    return spare.starting;
  }

  /** Runs a section whose time is judged: alone on this computer, and with nothing being started beside it. */
  async undisturbed<Result>(section: () => Promise<Result>): Promise<Result> {
    await this.#spare?.starting.catch(() => undefined);
    return this.#timedAlone ? this.ports.alone(section) : section();
  }

  /** Judges a subject by the check of one exercise. Never throws. */
  async judge(subject: Subject, exercise: Exercise, check: Check, { signal, asItIs = false, another = false }: JudgeOptions = {}): Promise<Outcome> {
    const startedAt = performance.now();
    const ms = (): number => Math.round(performance.now() - startedAt);
    const trial = new Trial(this, subject, exercise, () => {
      if (another) this.#spare ??= this.#startAhead(subject);
    });
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

  #startAhead(subject: Subject): { subject: Subject; starting: Promise<RunningStack> } {
    const starting = this.startStack(subject);
    // Whoever takes it hears of its failure; nobody may.
    starting.catch(() => undefined);
    return { subject, starting };
  }

  #outcomeOf(error: unknown, trial: Trial, subject: Subject): DistributiveOmit<Outcome, 'ms'> {
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
function isAboutTime(error: unknown, { kind }: Finding): boolean {
  if (error instanceof StartFailure) return error.problem !== 'exited';
  return kind === 'too slow' || kind === 'no answer';
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new NotRun('Interrupted.'));
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

