import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { applySolution, backUp, solutionFiles, solutionFolder, textOf } from '../run/learner-files.ts';
import { exerciseName, stepName, type SolutionDocument } from '../run/reports/documents.ts';
import { paint } from '../run/reports/paint.ts';
import { repository } from '../run/repository.ts';
import { UsageError, type StepPlace, type Target } from '../run/steps.ts';
import { ExitCode } from './exit.ts';
import { targetOf } from './target.ts';

/** `npm run solution [step|exercise] -- [--diff | --apply]` */
export async function solution(word: string | undefined, { diff, apply, json }: { diff: boolean; apply: boolean; json: boolean }): Promise<number> {
  if (diff && apply) throw new UsageError('Choose one of --diff and --apply.');
  const target = await targetOf(word);
  const number = target.name.slice(0, 2);
  if (apply && json) throw new UsageError('--json is for what tells something: leave out --apply.');
  if (apply && target.exercise) throw new UsageError(`The solution is put in place for a whole step: npm run solution ${number} -- --apply`);
  if (apply) return applyTo(target);
  const files = filesOf(target).map((file) => ({ path: `steps/${target.name}/${file}`, ...(diff && { diff: difference(target, file) }) }));
  if (json) {
    const document: SolutionDocument = {
      document: 'graminsta.solution',
      format: 1,
      step: stepName(target),
      ...(target.exercise && { exercise: exerciseName(target.exercise) }),
      files,
    };
    console.log(JSON.stringify(document, null, 2));
  } else if (diff) showDifferences(target, files.flatMap((file) => (file.diff ? [file.diff] : [])));
  else listFiles(target);
  return ExitCode.ok;
}

/** The files that the solution changes or removes, relative to the step; for one exercise, those in which its work lies. */
function filesOf({ exercise, ...place }: Target): string[] {
  const { changed, removed } = solutionFiles(place);
  return exercise ? changed.filter((file) => exercise.files.includes(file)) : [...changed, ...removed];
}

function listFiles(target: Target): void {
  const { exercise, step } = target;
  const number = exercise?.number ?? target.name.slice(0, 2);
  console.log(`\nThe solution of ${exercise ? exercise.number : `step ${step.number}`} changes these files:\n`);
  const { removed } = solutionFiles(target);
  const files = filesOf(target);
  for (const file of files) if (!removed.includes(file)) console.log(`  steps/${target.name}/solution/${file}`);
  const gone = files.filter((file) => removed.includes(file));
  if (gone.length > 0) console.log('\nand has no use for these of yours any more:\n');
  for (const file of gone) console.log(`  steps/${target.name}/${file}`);
  console.log(`\nSee what it changes in yours:  npm run solution ${number} -- --diff`);
  if (!exercise) console.log(`Put it in place of yours:      npm run solution ${number} -- --apply`);
  console.log('');
}

/** From the learner's file to the solution's, in the unified format; empty when they are the same. */
function difference(place: StepPlace, file: string): string {
  const [yours, reference] = [textOf(path.join(place.folder, file)), textOf(path.join(solutionFolder(place), file))];
  if (yours === reference) return '';
  const name = `steps/${place.name}/${file}`;
  return createTwoFilesPatch(name, name, yours, reference, 'yours', 'solution', { context: 3 });
}

function showDifferences(target: Target, differences: readonly string[]): void {
  if (differences.length === 0) {
    console.log(target.exercise ? `Your files of ${target.exercise.number} are the solution already.` : 'Your files are the solution already.');
    return;
  }
  const others = target.exercise ? sharing(target) : [];
  if (others.length > 0) console.log(`\nThese files have the work of ${others.join(', ')} in them as well.\n`);
  if (differences.length > 1) listDifferences(target, differences);
  for (const each of differences) console.log(each.split('\n').filter((line) => !/^(Index: |===)/.test(line)).map(coloured).join('\n'));
}

/** What is about to go by, which is more than a screen: each file, and how many of its lines come and go. */
function listDifferences(place: StepPlace, differences: readonly string[]): void {
  const counted = differences.map((difference) => {
    const lines = difference.split('\n');
    const count = (sign: string): number => lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3))).length;
    const name = /^--- ([^\t\n]*)/m.exec(difference)?.[1] ?? '';
    return { file: path.posix.relative(`steps/${place.name}`, name), added: count('+'), gone: count('-') };
  });
  const width = Math.max(...counted.map(({ file }) => file.length));
  console.log(`\n${differences.length} files differ from yours:\n`);
  for (const { file, added, gone } of counted) {
    console.log(`  ${file.padEnd(width)}  ${paint.green(`+${added}`.padStart(5))} ${paint.red(`-${gone}`.padStart(5))}`);
  }
  console.log('');
}

/** The other exercises that have their work in the same files. */
function sharing({ step, exercise }: Target): string[] {
  const { files = [] } = exercise ?? {};
  return step.exercises.filter((other) => other !== exercise && other.files.some((file) => files.includes(file))).map(({ number }) => number);
}

function coloured(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---')) return paint.bold(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  if (line.startsWith('-')) return paint.red(line);
  return line;
}

async function applyTo(place: StepPlace): Promise<number> {
  const backup = await backUp(place);
  applySolution(place);
  console.log(`\nStep ${place.step.number} now has the solution's files. Yours are in\n  ${path.relative(repository, backup)}`);
  console.log(`Try it: npm run check ${place.name.slice(0, 2)}\n`);
  return ExitCode.ok;
}
