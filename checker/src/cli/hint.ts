import { countHint } from '../run/kept/hints.ts';
import { NotKept } from '../run/kept/kept-file.ts';
import { readProgress } from '../run/kept/progress.ts';
import { firstOpen } from '../run/kept/standing.ts';
import { exerciseName, stepName, type HintDocument } from '../run/reports/documents.ts';
import { hintLines, hintNames } from '../run/reports/hints.ts';
import { currentLook } from '../run/reports/terminal.ts';
import { UsageError } from '../run/steps.ts';
import { ExitCode } from './exit.ts';
import { targetOf } from './target.ts';

/** `npm run hint 2.3`: one level more each time it is asked. Without a name, for the exercise to go on with. */
export async function hint(word: string | undefined, { level: wanted, json }: { level?: number; json: boolean }): Promise<number> {
  const target = await targetOf(word);
  const exercise = target.exercise ?? (word === undefined ? firstOpen(target, await readProgress()) : undefined);
  if (!exercise) throw new UsageError(`Hints are for one exercise: npm run hint ${target.step.number}.1`);
  const levels = exercise.hints.length;
  let level = wanted ?? 1;
  let notKept: string | undefined;
  if (wanted === undefined) {
    try {
      level = await countHint(target.name, exercise.slug, levels);
    } catch (error) {
      if (!(error instanceof NotKept)) throw error;
      notKept = error.message;
    }
  }
  if (json) {
    const hints = exercise.hints.slice(0, level).map((text, index) => ({ level: index + 1, name: hintNames[index]!, text }));
    const document: HintDocument = { document: 'graminsta.hint', format: 1, step: stepName(target), exercise: exerciseName(exercise), hints, levels };
    console.log(JSON.stringify(document, null, 2));
  } else {
    console.log(hintLines(exercise, level, currentLook()).join('\n'));
  }
  if (notKept !== undefined) {
    console.error(`That a hint was given could not be kept: ${notKept}.\nTo see the others: npm run hint ${exercise.number} -- --level 2`);
  }
  return ExitCode.ok;
}
