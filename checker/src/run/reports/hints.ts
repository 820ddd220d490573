import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';
import type { Exercise } from '../../stack/step.ts';
import type { Look } from './terminal.ts';

/** What the levels of a hint are called, from the first to the last. */
export const hintNames = ['a nudge', 'an idea', 'the way'] as const;

/** The hints of an exercise up to a level, the newest in full brightness, and what there is beyond. Pure. */
export function hintLines({ number, title, hints }: Exercise, level: number, look: Look): string[] {
  const paint = pc.createColors(look.colours);
  const shown = hints.slice(0, level).flatMap((text, index) => {
    const lines = wrapAnsi(`${hintNames[index]}: ${text}`, look.width - 2).split('\n').map((line) => `  ${line}`);
    return ['', ...(index === level - 1 ? lines : lines.map((line) => paint.dim(line)))];
  });
  const more = hints.length - level;
  const beyond = more > 0 ? `Asked again, it says more: npm run hint ${number}` : `There is one more: npm run solution ${number} -- --diff`;
  return ['', paint.bold(`${number}  ${title}`), ...shown, '', `  ${paint.dim(beyond)}`, ''];
}
