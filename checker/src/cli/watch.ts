import { hasPassed, readProgress, type Progress } from '../run/kept/progress.ts';
import { firstOpen } from '../run/kept/standing.ts';
import type { Outcome } from '../run/outcome.ts';
import { allSteps, type StepPlace } from '../run/steps.ts';
import { Watching } from '../run/watch/watching.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { targetOf } from './target.ts';

/** `npm run check -- --watch`: begins at the exercise that is named, or at the first that has not passed. */
export async function watch(word: string | undefined, { json, docker }: { json: boolean; docker: boolean }): Promise<number> {
  const target = await targetOf(word);
  const [places, progress] = [await allSteps(), await readProgress()];
  const place = places.find(({ name }) => name === target.name)!;
  const exercise = target.exercise ?? firstOpen(place, progress) ?? place.step.exercises[0]!;
  const signal = interruption('Stopping the machines. Ctrl-C again leaves at once.');
  await new Watching({ places, place, exercise, known: passedOf(places, progress), judging: 'nothing' }, json, docker).run(signal);
  return signal.aborted ? ExitCode.interrupted : ExitCode.ok;
}

function passedOf(places: readonly StepPlace[], progress: Progress): Map<string, Outcome['verdict']> {
  const passed = places.flatMap(({ name, step }) => step.exercises.filter((exercise) => hasPassed(progress, name, exercise)));
  return new Map(passed.map(({ number }) => [number, 'passed']));
}
