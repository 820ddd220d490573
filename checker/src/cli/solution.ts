import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { paint } from '../run/reports/paint.ts';
import { applySolution, backUp, filesBelow, solutionFolder, textOf } from '../run/learner-files.ts';
import { repository } from '../run/repository.ts';
import { UsageError, type StepPlace } from '../run/steps.ts';
import { ExitCode } from './exit.ts';
import { stepOf } from './target.ts';

/** `npm run solution [step] -- [--diff | --apply]` */
export async function solution(word: string | undefined, { diff, apply }: { diff: boolean; apply: boolean }): Promise<number> {
  if (diff && apply) throw new UsageError('Choose one of --diff and --apply.');
  const place = await stepOf(word, 'solution');
  if (apply) return applyTo(place);
  if (diff) showDifference(place);
  else listFiles(place);
  return ExitCode.ok;
}

function listFiles(place: StepPlace): void {
  const number = place.name.slice(0, 2);
  console.log(`\nThe solution of step ${place.step.number} changes these files:\n`);
  for (const file of filesBelow(solutionFolder(place))) console.log(`  steps/${place.name}/solution/${file}`);
  console.log(`\nSee what it changes in yours:  npm run solution ${number} -- --diff`);
  console.log(`Put it in place of yours:      npm run solution ${number} -- --apply\n`);
}

function showDifference(place: StepPlace): void {
  const differences = filesBelow(solutionFolder(place)).flatMap((file) => {
    const [yours, reference] = [textOf(path.join(place.folder, file)), textOf(path.join(solutionFolder(place), file))];
    if (yours === reference) return [];
    const name = `steps/${place.name}/${file}`;
    return [createTwoFilesPatch(name, name, yours, reference, 'yours', 'solution', { context: 3 })];
  });
  if (differences.length === 0) console.log('Your files are the solution already.');
  for (const difference of differences) console.log(difference.split('\n').map(coloured).join('\n'));
}

function coloured(line: string): string {
  if (line.startsWith('===')) return '';
  if (line.startsWith('+++') || line.startsWith('---')) return paint.bold(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  if (line.startsWith('-')) return paint.red(line);
  return line;
}

async function applyTo(place: StepPlace): Promise<number> {
  const backup = await backUp(place);
  await applySolution(place);
  console.log(`\nStep ${place.step.number} now has the solution's files. Yours are in\n  ${path.relative(repository, backup)}`);
  console.log(`Try it: npm run check ${place.name.slice(0, 2)}\n`);
  return ExitCode.ok;
}
