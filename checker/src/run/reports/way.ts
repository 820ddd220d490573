// All steps and exercises at a glance. Pure.

import pc from 'picocolors';
import { countPassed, type ExerciseStanding, type State, type StepStanding } from '../kept/standing.ts';
import { ago } from './ago.ts';
import { marks, type Look } from './terminal.ts';

/** The way so far, a line for each exercise. @param now in milliseconds since 1970 */
export function wayLines(steps: readonly StepStanding[], look: Look, now = Date.now()): string[] {
  return steps.flatMap((step) => ['', heading(step, look), '', ...step.exercises.map((exercise) => line(exercise, look, now))]);
}

function heading(step: StepStanding, look: Look): string {
  const paint = pc.createColors(look.colours);
  const { core, coreOf, extra, extraOf } = countPassed(step);
  const counts = `core ${core} of ${coreOf}${extraOf > 0 ? ` · extra ${extra} of ${extraOf}` : ''}`;
  return spread(`${paint.bold(`Step ${step.number} · ${step.title}`)} · ${step.users}`, `Step ${step.number} · ${step.title} · ${step.users}`.length, counts, look);
}

function line(exercise: ExerciseStanding, look: Look, now: number): string {
  const paint = pc.createColors(look.colours);
  const { number, title, kind, state, at, checkHasChanged } = exercise;
  const name = `${number}  ${title}${kind === 'extra' ? ' (extra)' : ''}`;
  const colour: Record<State, (text: string) => string> = { open: paint.dim, judging: paint.cyan, passed: paint.green, failed: paint.red, 'not run': paint.yellow };
  const what = checkHasChanged ? 'the check has changed since it passed' : state === 'open' ? 'open' : state === 'judging' ? 'being judged' : `${state}${at === undefined ? '' : `, ${ago(at, now)}`}`;
  return spread(`  ${colour[state](markOf(state))} ${name}`, 4 + name.length, what, look);
}

function markOf(state: State): string {
  return state === 'open' ? '·' : state === 'judging' ? '…' : marks[state];
}

/** A text and another at the right edge. */
function spread(left: string, leftLength: number, right: string, look: Look): string {
  const paint = pc.createColors(look.colours);
  return `${left}${' '.repeat(Math.max(2, look.width - leftLength - right.length))}${paint.dim(right)}`;
}
