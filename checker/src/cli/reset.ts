import { existsSync } from 'node:fs';
import path from 'node:path';
import { backUp, filesBelow, learnerFiles, restoreStart, startFolder, textOf } from '../run/learner-files.ts';
import { forgetStep } from '../run/kept/progress.ts';
import { repository } from '../run/repository.ts';
import { UsageError, type StepPlace } from '../run/steps.ts';
import { ExitCode } from './exit.ts';
import { stepOf } from './target.ts';

/** `npm run reset [step]`. Works from copies beside the learner's files: without git, after commits and after a pull. */
export async function reset(word: string | undefined, { yes }: { yes: boolean }): Promise<number> {
  const place = await stepOf(word, 'reset');
  if (!existsSync(startFolder(place))) throw new Error(`${startFolder(place)} is missing: there is nothing to go back to.`);
  const changed = changedFiles(place);
  if (changed.length === 0) {
    console.log(`Step ${place.step.number} is as it was at the start. There is nothing to reset.`);
    return ExitCode.ok;
  }
  console.log(`\nThis puts step ${place.step.number} back to its start. Your work in these files goes to a backup:\n`);
  for (const file of changed) console.log(`  steps/${place.name}/${file}`);
  console.log('');
  if (!yes && !(await agreed(place))) {
    console.log('Nothing was changed.');
    return ExitCode.ok;
  }
  const backup = await backUp(place);
  await restoreStart(place);
  await forgetStep(place.name);
  console.log(`\nDone. The exercises of step ${place.step.number} are open again. Your files are in\n  ${path.relative(repository, backup)}\n`);
  return ExitCode.ok;
}

async function agreed(place: StepPlace): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError(`reset asks before it changes anything, and there is nobody to ask here. To go on without: npm run reset ${place.name.slice(0, 2)} -- --yes`);
  }
  const { default: confirm } = await import('@inquirer/confirm');
  return confirm({ message: `Reset step ${place.step.number}?`, default: false }).catch(() => false);
}

function changedFiles(place: StepPlace): string[] {
  const names = new Set([...learnerFiles(place), ...filesBelow(startFolder(place))]);
  return [...names].filter((file) => textOf(path.join(place.folder, file)) !== textOf(path.join(startFolder(place), file))).sort();
}
