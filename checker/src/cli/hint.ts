import { paint } from '../run/paint.ts';
import wrapAnsi from 'wrap-ansi';
import { countHint } from '../run/hints.ts';
import { currentLook } from '../run/report.ts';
import { UsageError } from '../run/steps.ts';
import { ExitCode } from './exit.ts';
import { targetOf } from './target.ts';

const names = ['a nudge', 'an idea', 'the way'];

/** `npm run hint 2.3`: one level more each time it is asked. */
export async function hint(word: string): Promise<number> {
  const { name, exercise } = await targetOf(word);
  if (!exercise) throw new UsageError(`Hints are for one exercise: npm run hint ${Number(name.slice(0, 2))}.1`);
  const level = await countHint(name, exercise.slug, exercise.hints.length);
  const { width } = currentLook();
  console.log(`\n${paint.bold(`${exercise.number}  ${exercise.title}`)}`);
  exercise.hints.slice(0, level).forEach((text, index) => {
    const isNew = index === level - 1;
    const lines = wrapAnsi(`${names[index]}: ${text}`, width - 2).split('\n').map((line) => `  ${line}`).join('\n');
    console.log(`\n${isNew ? lines : paint.dim(lines)}`);
  });
  const more = exercise.hints.length - level;
  console.log(`\n  ${paint.dim(more > 0 ? `Asked again, it says more: npm run hint ${exercise.number}` : `There is one more: npm run solution ${name.slice(0, 2)} -- --diff`)}\n`);
  return ExitCode.ok;
}
