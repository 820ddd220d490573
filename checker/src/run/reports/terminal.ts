// Verdicts as text. Pure: outcome in, lines out.

import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';
import type { Timeline } from '../../check/timeline.ts';
import type { Exercise, Step } from '../../stack/step.ts';
import type { Outcome } from '../outcome.ts';
import { hasColours, paint } from './paint.ts';
import { failureReport } from './report.ts';
import { drawTimeline, timelineTitle } from './timeline.ts';

export interface Look {
  /** Columns that there are. */
  width: number;
  colours: boolean;
}

/** What the terminal on standard output looks like; plain when it is none. */
export function currentLook(): Look {
  const columns = process.stdout.isTTY ? process.stdout.columns : 80;
  return { width: Math.max(50, Math.min(columns, 100)), colours: hasColours };
}

export const marks: Record<Outcome['verdict'], string> = { passed: '✓', failed: '✗', 'not run': '○', fault: '!' };
/** `Step 1 · A single machine · 1 user` */
export function title({ number, title, users }: Step): string {
  return `${paint.bold(`Step ${number} · ${title}`)} · ${users}`;
}

/** `  ✓ 1.2  Upload and show a photo          0.4 s` */
export function verdictLine(exercise: Exercise, outcome: Outcome, look: Look): string {
  const paint = pc.createColors(look.colours);
  const colour = { passed: paint.green, failed: paint.red, 'not run': paint.yellow, fault: paint.magenta }[outcome.verdict];
  const time = outcome.verdict === 'not run' ? 'not run' : `${(outcome.ms / 1000).toFixed(1)} s`;
  const name = `${exercise.number}  ${exercise.title}${exercise.kind === 'extra' ? paint.dim(' (extra)') : ''}`;
  const plainLength = 4 + exercise.number.length + 2 + exercise.title.length + (exercise.kind === 'extra' ? 8 : 0);
  const gap = Math.max(2, look.width - plainLength - time.length);
  return `  ${colour(marks[outcome.verdict])} ${name}${' '.repeat(gap)}${paint.dim(time)}`;
}

/** All that a learner needs to find the mistake. Empty for an exercise that passed. */
export function outcomeReport(exercise: Exercise, stepName: string, outcome: Outcome, look: Look): string[] {
  const paint = pc.createColors(look.colours);
  if (outcome.verdict === 'passed') return [];
  if (outcome.verdict === 'not run') {
    return ['', ...paragraph(outcome.reason, look), ...(outcome.remedy ? paragraph(outcome.remedy, look) : []), ''];
  }
  if (outcome.verdict === 'fault') {
    return [
      '',
      ...paragraph(paint.bold('The checker made a mistake, not you.'), look),
      ...paragraph('Please report it with these lines:', look),
      '',
      ...outcome.error.split('\n').slice(0, 12).map((line) => `    ${paint.dim(line)}`),
      '',
    ];
  }
  const { headline, did, saw, expected, why, timeline, lookIn, hint, read, log } = failureReport(exercise, stepName, outcome.finding);
  return [
    '',
    `    ${paint.bold(headline)}`,
    '',
    ...labelled('did', did, look),
    ...labelled('saw', paint.red(saw), look),
    ...labelled('expected', paint.green(expected), look),
    ...labelled('why', why, look),
    ...(timeline ? ['', `    ${paint.dim(timelineTitle)}`, ...timelineLines(timeline, look, 4)] : []),
    '',
    ...labelled('look in', lookIn.join('\n'), look),
    ...labelled('hint', hint, look),
    ...labelled('read', `npm start, then ${read}`, look),
    ...log.flatMap(({ machine: printer, lines }) => [
      '',
      `    ${paint.dim(`the last that ${printer} printed`)}`,
      ...lines.flatMap((line) => wrapAnsi(line, look.width - 6, { trim: false, hard: true }).split('\n')).map((line) => `    ${paint.dim(`│ ${line}`)}`),
    ]),
    '',
  ];
}

/** A crowd's timeline, indented. Its letters say all; the colours help to find those that matter. */
export function timelineLines(timeline: Timeline, look: Look, indent: number): string[] {
  const paint = pc.createColors(look.colours);
  const room = look.width - indent;
  const { lines, notes } = drawTimeline(timeline, room);
  const rows = timeline.rows.length;
  const coloured = lines.map((line, index) => {
    if (index < lines.length - rows) return paint.dim(line);
    const [, name = '', cells = ''] = /^(.* )?([^ ]*)$/.exec(line) ?? [];
    return `${name}${cells.replaceAll(/x+/g, paint.red).replaceAll(/s+/g, (slow) => paint.yellow(slow))}`;
  });
  const explained = notes.flatMap((note) => wrapAnsi(note, room, { hard: true }).split('\n')).map((line) => paint.dim(line.trimEnd()));
  return [...coloured, ...explained].map((line) => `${' '.repeat(indent)}${line}`);
}

/** `2 passed, 1 failed, 3 not run` */
export function summary(outcomes: readonly Outcome[]): string {
  const count = (verdict: Outcome['verdict']): number => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const parts = [
    [count('passed'), 'passed'],
    [count('failed'), 'failed'],
    [count('not run'), 'not run'],
    [count('fault'), "not judged, by the checker's own fault"],
  ] as const;
  return parts.filter(([number], index) => number > 0 || index === 0).map(([number, word]) => `${number} ${word}`).join(', ');
}

const labelWidth = 10;

function labelled(label: string, text: string, look: Look): string[] {
  const paint = pc.createColors(look.colours);
  const lines = wrapAnsi(text, look.width - 4 - labelWidth, { hard: true }).split('\n');
  return lines.map((line, index) => `    ${paint.dim((index === 0 ? label : '').padEnd(labelWidth))}${line.trimEnd()}`);
}

function paragraph(text: string, look: Look): string[] {
  return wrapAnsi(text, look.width - 4).split('\n').map((line) => `    ${line}`);
}
