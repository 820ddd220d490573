// What `check --watch` shows around verdicts and reports. Pure: desk in, lines out.

import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';
import type { Outcome } from '../outcome.ts';
import { marks, type Look } from '../reports/terminal.ts';
import type { Desk, Key } from './desk.ts';

/** The keys as a terminal names them, and what they do. */
export const keys: Record<string, Key> = { h: 'hint', n: 'next', b: 'back', a: 'all', return: 'again', enter: 'again', space: 'again', r: 'again', q: 'quit' };

/** How each exercise of the step stands, the one in front underlined, and what the learner can do now. */
export function footer(desk: Desk, look: Look): string[] {
  const paint = pc.createColors(look.colours);
  const stands = desk.place.step.exercises.map((exercise) => {
    const verdict = desk.known.get(exercise.number);
    const text = `${verdict === undefined ? '·' : marks[verdict]} ${exercise.number}`;
    const coloured = verdict === undefined ? paint.dim(text) : colourOf(verdict, look)(text);
    return exercise === desk.exercise ? `[${paint.bold(coloured)}]` : ` ${coloured} `;
  });
  const passed = desk.known.get(desk.exercise.number) === 'passed';
  const what = passed ? `${desk.exercise.number} has passed. Press n for the next.` : 'Save a file of this step, and it is judged again.';
  const choices = ['h hint', 'n next', 'b back', 'a all', 'enter again', 'q quit'].map((choice) => choice.replace(/^\w+/, (key) => paint.bold(key)));
  return ['', ...wrapAnsi(stands.join(' '), look.width - 2, { trim: false }).split('\n').map((line) => ` ${line}`.trimEnd()), '', `  ${what}`, `  ${choices.join(paint.dim(' · '))}`];
}

/** `  src/photos.ts was saved.` */
export function savedLine(files: readonly string[]): string {
  const [first = ''] = files;
  return `  ${files.length === 1 ? `${first} was saved.` : `${first} and ${files.length - 1} more files were saved.`}`;
}

function colourOf(verdict: Outcome['verdict'], look: Look): (text: string) => string {
  const paint = pc.createColors(look.colours);
  return { passed: paint.green, failed: paint.red, 'not run': paint.yellow, fault: paint.magenta }[verdict];
}
