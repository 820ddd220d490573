// A checkup as text. Pure: document in, lines out.

import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';
import type { Look } from '../run/reports/terminal.ts';
import type { Check, DoctorDocument, Section, State } from './document.ts';

const marks: Record<State, string> = { fine: '✓', wrong: '✗', note: '○' };
const titles: Record<Section, string> = { programs: 'Programs', computer: 'This computer', folder: "The workshop's folder", commands: 'Commands' };

/** The whole report, with the text for a bug report at its end. */
export function checkupReport({ checks, bugReport }: DoctorDocument, look: Look): string[] {
  const paint = pc.createColors(look.colours);
  const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2;
  const sections = Object.entries(titles).flatMap(([section, title]) => [
    '',
    `  ${paint.bold(title)}`,
    ...checks.filter((check) => check.section === section).flatMap((check) => row(check, nameWidth, look)),
  ]);
  return [
    ...sections,
    '',
    ...wrapped(verdict(checks), look.width - 2).map((line) => `  ${line}`),
    '',
    `  ${paint.bold('For a bug report, copy from here')}`,
    '',
    // Neither wrapped nor indented nor coloured: it is for another place.
    bugReport,
    '',
  ];
}

function row({ name, state, saw, notRun, remedy }: Check, nameWidth: number, { width, colours }: Look): string[] {
  const paint = pc.createColors(colours);
  const colour = { fine: paint.green, wrong: paint.red, note: paint.yellow }[state];
  const texts = [
    state === 'wrong' ? `wrong: ${saw}` : saw,
    ...(notRun !== undefined ? [`not run: ${notRun}`] : []),
    ...(remedy !== undefined ? [`what to do: ${remedy}`] : []),
  ];
  const lines = texts.flatMap((text) => wrapped(text, width - 4 - nameWidth));
  return lines.map((line, index) => `  ${index === 0 ? `${colour(marks[state])} ${name.padEnd(nameWidth)}` : ' '.repeat(2 + nameWidth)}${line}`);
}

function verdict(checks: readonly Check[]): string {
  const wrong = checks.filter(({ state }) => state === 'wrong');
  if (wrong.length === 0) return 'All that the steps need is here.';
  const names = wrong.map(({ name }) => name).join(', ');
  return `Not as the steps need it: ${names}. Mend that, then look again: npm run doctor`;
}

function wrapped(text: string, width: number): string[] {
  return wrapAnsi(text, width, { hard: true }).split('\n').map((line) => line.trimEnd());
}
