import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inWords } from '../run/kept/kept-file.ts';
import { isBlocked, judgeAndNote } from '../run/noted.ts';
import type { Outcome } from '../run/outcome.ts';
import { checkDocument } from '../run/reports/documents.ts';
import { runningLine } from '../run/reports/running-line.ts';
import { currentLook, outcomeReport, summary, title, verdictLine } from '../run/reports/terminal.ts';
import { Session } from '../run/session.ts';
import { UsageError, type Target } from '../run/steps.ts';
import type { Exercise } from '../stack/step.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { targetOf } from './target.ts';

export interface CheckOptions {
  all: boolean;
  watch: boolean;
  json: boolean;
  /** Machines are containers, all of them. */
  docker: boolean;
  /** Where to write a JUnit report. */
  junit?: string;
}

/** `npm run check [step|exercise]`. Returns the exit code. */
export async function check(word: string | undefined, options: CheckOptions): Promise<number> {
  const { all, json, docker, junit } = options;
  if (options.watch) {
    if (junit !== undefined) throw new UsageError('A JUnit report is of one run: leave out --watch or --junit.');
    if (all) throw new UsageError('With --watch one exercise is in front of you, and the key a checks all of them: leave out --watch or --all.');
    const { watch } = await import('./watch.ts');
    return watch(word, { json, docker });
  }
  const target = await targetOf(word);
  if (junit !== undefined) assertWritable(junit);
  const asked = target.exercise ? [target.exercise] : target.step.exercises;
  const signal = interruption('Stopping the machines. Ctrl-C again leaves at once.');
  const startedAt = new Date().toISOString();
  const session = new Session({ onDocker: docker });
  const { outcomes, notKept } = await judgeAndNote(session, { place: target, exercises: asked, all, again: false }, json ? silent : teller(target), signal);
  const interrupted = signal.aborted;
  if (json) console.log(JSON.stringify(checkDocument(target, outcomes, { interrupted, notKept }), null, 2));
  else if (!interrupted) console.log(`\n  ${summary(outcomes.map(({ outcome }) => outcome))}${whatNext(target, outcomes)}\n`);
  if (notKept !== undefined) console.error(`The verdicts could not be kept: ${notKept}.`);
  await session.close();
  if (junit !== undefined && !(await writeJunit(junit, target, outcomes, startedAt))) return ExitCode.notRun;
  return interrupted ? ExitCode.interrupted : exitCodeOf(outcomes.map(({ outcome }) => outcome), asked.length);
}

const silent = { started: () => undefined, judged: () => undefined };

/** Tells in the terminal what is judged, and what came of it. */
function teller(target: Target): { started: (exercise: Exercise) => void; judged: (exercise: Exercise, outcome: Outcome) => void } {
  const look = currentLook();
  const running = runningLine();
  console.log(`\n${title(target.step)}\n`);
  process.once('exit', () => running.clear());
  return {
    started: (exercise) => running.show(`  … ${exercise.number}  ${exercise.title}`),
    judged: (exercise, outcome) => {
      running.clear();
      running.print([verdictLine(exercise, outcome, look), ...(isBlocked(outcome) ? [] : outcomeReport(exercise, target.name, outcome, look))]);
    },
  };
}

function exitCodeOf(outcomes: readonly Outcome[], asked: number): number {
  const some = (verdict: Outcome['verdict']): boolean => outcomes.some((outcome) => outcome.verdict === verdict);
  if (some('fault')) return ExitCode.fault;
  if (some('failed')) return ExitCode.failed;
  if (some('not run') || outcomes.length < asked) return ExitCode.notRun;
  return ExitCode.ok;
}

function whatNext({ step, exercise }: Target, outcomes: readonly { outcome: Outcome }[]): string {
  if (outcomes.length === 0 || outcomes.some(({ outcome }) => outcome.verdict !== 'passed')) return '';
  if (!exercise) return `. Step ${step.number} is done. See what it gained: npm run pain 0${step.number}`;
  const next = step.exercises[step.exercises.indexOf(exercise) + 1];
  return next ? `. Next: npm run check ${next.number}` : `. That was the last of step ${step.number}.`;
}

/** False when there is no room for it any more. */
async function writeJunit(file: string, target: Target, outcomes: readonly { exercise: Exercise; outcome: Outcome }[], at: string): Promise<boolean> {
  const { junit } = await import('../run/reports/junit.ts');
  try {
    writeFileSync(file, junit(target, outcomes, at));
    return true;
  } catch (error) {
    console.error(`The JUnit report could not be written to ${file}: ${inWords(error)}.`);
    return false;
  }
}

/** Better now than after a minute of judging. @throws UsageError */
function assertWritable(file: string): void {
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, '');
  } catch (error) {
    throw new UsageError(`The JUnit report cannot be written to ${file}: ${inWords(error)}.`);
  }
}
