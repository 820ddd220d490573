// The part of a step's README that step.ts writes: the exercises, and what is fixed. Pure: step in, text out.

import type { Entrance } from '../stack/description.ts';
import type { Exercise, Fixed, Step } from '../stack/step.ts';

const begin = '<!-- step:begin -->';
const end = '<!-- step:end -->';

/**
 * A README with its generated part as `step` has it now.
 * @throws Error when the README does not mark where that part is.
 */
export function withStepPart(readme: string, step: Step): string {
  const [before, rest] = [readme.indexOf(begin), readme.indexOf(end)];
  if (before === -1 || rest < before) throw new Error(`The README has no lines ${begin} and ${end}.`);
  return `${readme.slice(0, before)}${begin}\n${stepPart(step)}\n${readme.slice(rest)}`;
}

/** The generated part, without its marks. */
export function stepPart({ exercises, fixed }: Step): string {
  return [
    '| # | exercise | | minutes | files |',
    '|---|---|---|---|---|',
    ...exercises.map(row),
    '',
    '**What is fixed.** The checks rely on this; everything else is yours.',
    '',
    ...sentences(fixed).map((sentence) => `- ${sentence}`),
  ].join('\n');
}

function row({ number, title, kind, minutes, files }: Exercise): string {
  return `| ${[number, title, kind, minutes, files.map(code).join(', ')].join(' | ')} |`;
}

function sentences({ machines, entrances, variables, bounds }: Fixed): string[] {
  return [
    ...machines.map(({ name, hosts }) => `Machine ${code(name)}: hosts ${hosts}.`),
    ...entrances.map(({ name, machine, meaning }) => `Entrance ${code(name)} on ${placeOf(machine)}: ${meaning}.`),
    ...variables.map(({ name, value, meaning }) => `Variable ${code(name)}${value === undefined ? '' : ` (${code(value)})`}: ${meaning}.`),
    ...bounds,
  ];
}

function placeOf(entrance: Entrance): string {
  if (typeof entrance === 'string') return code(entrance);
  return Object.entries(entrance).map(([region, machine]) => `${code(machine)} (${region})`).join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}
