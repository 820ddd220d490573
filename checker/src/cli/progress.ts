import { readProgress } from '../run/kept/progress.ts';
import { readRunning } from '../run/kept/running.ts';
import { nextOf, standings } from '../run/kept/standing.ts';
import { ago } from '../run/reports/ago.ts';
import type { ProgressDocument } from '../run/reports/documents.ts';
import { currentLook } from '../run/reports/terminal.ts';
import { wayLines } from '../run/reports/way.ts';
import { allSteps } from '../run/steps.ts';
import { ExitCode } from './exit.ts';

/** `npm run progress`: how every exercise stands, when it was judged last, and where to go on. */
export async function progress({ json }: { json: boolean }): Promise<number> {
  const [places, kept] = [await allSteps(), await readProgress()];
  const steps = standings(places, kept, readRunning());
  const next = nextOf(places, kept);
  if (json) {
    const document: ProgressDocument = { document: 'graminsta.progress', format: 1, steps, next };
    console.log(JSON.stringify(document, null, 2));
    return ExitCode.ok;
  }
  for (const line of wayLines(steps, currentLook())) console.log(line);
  const last = steps.flatMap(({ exercises }) => exercises.flatMap(({ at }) => (at === undefined ? [] : [at]))).sort().at(-1);
  const exercise = steps.find(({ name }) => name === next?.step)?.exercises.find(({ slug }) => slug === next?.exercise);
  console.log(`\n  ${last === undefined ? 'Nothing has been checked so far.' : `The last check was ${ago(last)}.`}`);
  console.log(exercise ? `  Go on with ${exercise.number}, ${exercise.title}: npm run check ${exercise.number}\n` : '  Every core exercise has passed.\n');
  return ExitCode.ok;
}
