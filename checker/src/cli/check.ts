import path from 'node:path';
import { paint } from '../run/paint.ts';
import type { Outcome } from '../run/outcome.ts';
import { compiled } from '../run/repository.ts';
import { noteVerdict } from '../run/progress.ts';
import { currentLook, outcomeReport, summary, verdictLine } from '../run/report.ts';
import { runChecks } from '../run/session.ts';
import type { Target } from '../run/steps.ts';
import type { Exercise } from '../stack/step.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { targetOf } from './target.ts';

/** `npm run check [step|exercise]`. Returns the exit code. */
export async function check(word: string | undefined, { all }: { all: boolean }): Promise<number> {
  const target = await targetOf(word);
  const { step, folder, exercise: only } = target;
  const look = currentLook();
  const signal = interruption('Stopping the machines. Ctrl-C again leaves at once.');
  const notes: Promise<void>[] = [];
  const running = runningLine();

  console.log(`\n${paint.bold(`Step ${step.number} · ${step.title}`)} · ${step.users}\n`);
  const outcomes = await runChecks(
    {
      step,
      stepFolder: folder,
      checkFolder: path.join(compiled(), 'steps', target.name, 'check'),
      slugs: (only ? [only] : step.exercises).map(({ slug }) => slug),
      all,
    },
    {
      started: (exercise) => running.show(`  … ${exercise.number}  ${exercise.title}`),
      judged: (exercise, outcome) => {
        running.clear();
        console.log(verdictLine(exercise, outcome, look));
        const isBlocked = outcome.verdict === 'not run' && outcome.reason.startsWith('Blocked');
        if (!isBlocked) {
          for (const line of outcomeReport(exercise, target.name, outcome, look)) console.log(line);
          notes.push(note(target, exercise, outcome));
        }
      },
    },
    signal,
  );
  running.clear();
  await Promise.all(notes);
  if (signal.aborted) return ExitCode.interrupted;
  console.log(`\n  ${summary(outcomes)}${whatNext(target, outcomes)}\n`);
  return exitCodeOf(outcomes, only ? 1 : step.exercises.length);
}

async function note(target: Target, exercise: Exercise, outcome: Outcome): Promise<void> {
  if (outcome.verdict === 'fault') return;
  try {
    await noteVerdict(target.name, exercise, outcome.verdict);
  } catch (error) {
    console.error(`The verdict on ${exercise.number} could not be kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function exitCodeOf(outcomes: readonly Outcome[], asked: number): number {
  const some = (verdict: Outcome['verdict']): boolean => outcomes.some((outcome) => outcome.verdict === verdict);
  if (some('fault')) return ExitCode.fault;
  if (some('failed')) return ExitCode.failed;
  if (some('not run') || outcomes.length < asked) return ExitCode.notRun;
  return ExitCode.ok;
}

function whatNext({ step, exercise }: Target, outcomes: readonly Outcome[]): string {
  const last = outcomes.at(-1);
  if (outcomes.some(({ verdict }) => verdict !== 'passed') || !last) return '';
  if (!exercise) return `. Step ${step.number} is done. See what it gained: npm run pain 0${step.number}`;
  const next = step.exercises[step.exercises.indexOf(exercise) + 1];
  return next ? `. Next: npm run check ${next.number}` : `. That was the last of step ${step.number}.`;
}

/** A line that says what is going on, in a terminal; nothing anywhere else. */
function runningLine(): { show: (text: string) => void; clear: () => void } {
  const { stdout } = process;
  if (!stdout.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    show: (text) => void stdout.write(paint.dim(text)),
    clear: () => {
      stdout.clearLine(0);
      stdout.cursorTo(0);
    },
  };
}
