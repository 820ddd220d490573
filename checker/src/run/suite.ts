// The one file that Vitest runs: a test for each exercise that the command asked for. It stands between the checks,
// which know nothing of Vitest, and the reporter, which knows nothing of machines.

import { afterAll, beforeAll, inject, test } from 'vitest';
import { Courtroom } from './courtroom.ts';
import type { Outcome } from './outcome.ts';
import type { Check } from '../check/exercise.ts';

const { step, stepFolder, checkFolder, slugs, all } = inject('judging');

let room: Courtroom;
let blockedBy: string | undefined;

// When the command is killed its end of this channel closes, and with us goes everything that the reaper holds.
process.on('disconnect', () => process.exit());

beforeAll(async () => {
  room = await Courtroom.open();
});
afterAll(() => room.close());

const asked = step.exercises.filter(({ slug }) => slugs.includes(slug));

for (const [index, exercise] of asked.entries()) {
  test(exercise.slug, { timeout: 0 }, async ({ task, signal }) => {
    let outcome: Outcome;
    if (blockedBy !== undefined) {
      outcome = { verdict: 'not run', ms: 0, reason: `Blocked by ${blockedBy}: exercises build on each other. With --all they are run all the same.` };
    } else {
      const { default: check } = (await import(`${checkFolder}/${exercise.slug}.check.js`)) as { default: Check };
      outcome = await room.judge({ step, stepFolder }, exercise, check, { signal, another: index < asked.length - 1 });
    }
    task.meta.outcome = outcome;
    if (outcome.verdict !== 'passed' && exercise.kind === 'core' && !all) blockedBy ??= exercise.number;
    if (outcome.verdict === 'failed' || outcome.verdict === 'fault') throw new Error(outcome.verdict);
  });
}
