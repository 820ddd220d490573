// The side of the command: starts the process that judges, gives it orders and passes on what it tells.

import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Exercise } from '../stack/step.ts';
import { onDocker, type Judging, type News, type Order } from './orders.ts';
import type { Outcome } from './outcome.ts';
import { compiled } from './repository.ts';

export interface Listener {
  started(exercise: Exercise): void;
  judged(exercise: Exercise, outcome: Outcome): void;
}

/** A judge that is there for as long as its command. */
export class Session {
  readonly #onDocker: boolean;
  #judge: ChildProcess | undefined;
  #orders = 0;
  /** The last that it wrote to standard error: what it says when it breaks down. */
  #lastWords = '';

  /** @param onDocker machines are containers, all of them */
  constructor({ onDocker = false }: { onDocker?: boolean } = {}) {
    this.#onDocker = onDocker;
  }

  /** Starts the process ahead of its first order. */
  open(): void {
    this.#process();
  }

  /**
   * Judges exercises in order. A judge that is busy abandons what it does.
   * @param signal ends it early: what runs is stopped, and what has not run stays so.
   * @returns an outcome for each exercise that came to one.
   */
  judge(judging: Judging, listener: Listener, signal: AbortSignal): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    if (signal.aborted) return Promise.resolve(outcomes);
    const id = (this.#orders += 1);
    const process = this.#process();
    const exerciseOf = (slug: string): Exercise => judging.step.exercises.find((exercise) => exercise.slug === slug)!;
    const asked = judging.step.exercises.filter(({ slug }) => judging.slugs.includes(slug));
    const nextAfter = (exercise: Exercise): Exercise | undefined => asked[asked.indexOf(exercise) + 1];
    /** Whose turn it is: what a judge that breaks down did not come to. */
    let at = asked[0];
    return new Promise((resolve) => {
      const judged = (exercise: Exercise, outcome: Outcome): void => {
        outcomes.push(outcome);
        listener.judged(exercise, outcome);
      };
      const hear = (news: News): void => {
        if (news.id !== id) return;
        if (news.kind === 'done') return settle();
        at = exerciseOf(news.slug);
        if (news.kind === 'started') listener.started(at);
        else judged(at, news.outcome);
        if (news.kind === 'judged') at = nextAfter(at);
      };
      const breakDown = (code: number | null, signalName: NodeJS.Signals | null): void => {
        const error = `The process that judges ended (${signalName ?? `exit code ${String(code)}`}).\n${this.#lastWords}`;
        if (at && !signal.aborted) judged(at, { verdict: 'fault', ms: 0, error });
        settle();
      };
      const notStarted = (error: Error): void => {
        this.#lastWords = error.message;
        breakDown(null, null);
      };
      const abort = (): void => {
        send(process, { kind: 'abandon' });
        settle();
      };
      const settle = (): void => {
        process.off('message', hear).off('exit', breakDown).off('error', notStarted);
        signal.removeEventListener('abort', abort);
        resolve(outcomes);
      };
      process.on('message', hear).once('exit', breakDown).once('error', notStarted);
      signal.addEventListener('abort', abort, { once: true });
      send(process, { kind: 'judge', id, judging });
    });
  }

  /** Waits until everything is stopped and gone. */
  async close(): Promise<void> {
    const process = this.#judge;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    send(process, { kind: 'close' });
    await ended;
  }

  #process(): ChildProcess {
    const known = this.#judge;
    if (known && known.exitCode === null && known.signalCode === null) return known;
    this.#lastWords = '';
    const judge = fork(path.join(compiled(), 'checker/src/run/judge.js'), this.#onDocker ? [onDocker] : [], {
      // A fault of ours is to be reported by the lines that we wrote.
      execArgv: ['--enable-source-maps'],
      // Standard output is the command's: a program may read it.
      stdio: ['ignore', 2, 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    judge.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#lastWords = (this.#lastWords + text).slice(-4_000)));
    judge.on('error', () => undefined);
    this.#judge = judge;
    return judge;
  }
}

function send(process: ChildProcess, order: Order): void {
  // It may have ended a moment ago; its exit is heard of by itself.
  if (process.connected) process.send(order, () => undefined);
}
