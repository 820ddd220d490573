import { readProgress } from '../run/kept/progress.ts';
import { firstUnfinished } from '../run/kept/standing.ts';
import { allSteps, findTarget, UsageError, type StepPlace, type Target } from '../run/steps.ts';

/** What was asked for; with no name, the first step with a core exercise that has not passed, or else the last. */
export async function targetOf(word: string | undefined): Promise<Target> {
  if (word !== undefined) return findTarget(word);
  const [steps, progress] = [await allSteps(), await readProgress()];
  return firstUnfinished(steps, progress) ?? steps.at(-1)!;
}

/** As `targetOf`, for commands that take whole steps. @throws UsageError for an exercise. */
export async function stepOf(word: string | undefined, command: string): Promise<StepPlace> {
  const target = await targetOf(word);
  if (target.exercise) throw new UsageError(`${command} takes a whole step: npm run ${command} ${target.name.slice(0, 2)}`);
  return target;
}
