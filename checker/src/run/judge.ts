// The process that judges. It is one of its own, so that whatever happens in it cannot take the terminal with it, and
// it stays for as long as the command does: with `--watch`, what is warm stays warm.

import type { Check } from '../check/exercise.ts';
import { Courtroom } from './courtroom.ts';
import type { Exercise } from '../stack/step.ts';
import { onDocker, type Judging, type News, type Order } from './orders.ts';
import type { Outcome } from './outcome.ts';

const opening = open();
let abandon = new AbortController();
let judging = false;
let hasAbandoned = false;
/** Of the order that came last; what is told of earlier ones is heard by nobody. */
let current: Promise<void> = Promise.resolve();

process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'judge':
      giveUp();
      abandon = new AbortController();
      current = judge(order.id, order.judging, abandon.signal).catch(breakDown);
      break;
    case 'abandon':
      giveUp();
      break;
    case 'close':
      giveUp();
      void current.then(async () => (await opening).close()).then(() => process.exit());
  }
});
// When the command is killed its end of this channel closes, and with us goes everything that the reaper holds.
process.on('disconnect', () => process.exit());
// A check that was abandoned goes on until its machines are gone, and what it wanted of them fails then.
process.on('unhandledRejection', (error) => {
  if (!hasAbandoned) throw error;
});
// Ctrl-C reaches the whole foreground group; it is for the command to say what is done about it.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

async function open(): Promise<Courtroom> {
  if (!process.argv.includes(onDocker)) return Courtroom.open();
  // What knows Docker is read by those alone who want it.
  return Courtroom.open({ hosting: (await import('../compose/hosting.ts')).containers });
}

function giveUp(): void {
  hasAbandoned ||= judging;
  abandon.abort();
}

/** Nothing is expected to throw here. What does is told by this process's end, and the command makes a fault of ours of it. */
function breakDown(error: unknown): never {
  console.error(error);
  process.exit(1);
}

async function judge(id: number, { step, stepFolder, checkFolder, slugs, all, again }: Judging, signal: AbortSignal): Promise<void> {
  const room = await opening;
  if (signal.aborted) return;
  judging = true;
  room.forget(stepFolder);
  const asked = step.exercises.filter(({ slug }) => slugs.includes(slug));
  let blockedBy: string | undefined;
  for (const [index, exercise] of asked.entries()) {
    tell({ kind: 'started', id, slug: exercise.slug });
    const outcome = blockedBy === undefined ? await judgeOne(exercise, index < asked.length - 1) : blocked(blockedBy);
    if (signal.aborted) return;
    tell({ kind: 'judged', id, slug: exercise.slug, outcome });
    if (outcome.verdict !== 'passed' && exercise.kind === 'core' && !all) blockedBy ??= exercise.number;
  }
  judging = false;
  tell({ kind: 'done', id });
  if (again) await room.warm({ step, stepFolder });

  async function judgeOne(exercise: Exercise, another: boolean): Promise<Outcome> {
    const { default: check } = (await import(`${checkFolder}/${exercise.slug}.check.js`)) as { default: Check };
    return room.judge({ step, stepFolder }, exercise, check, { signal, another });
  }
}

function blocked(by: string): Outcome {
  return { verdict: 'not run', ms: 0, blocked: true, reason: `Blocked by ${by}: exercises build on each other. With --all they are run all the same.` };
}

function tell(news: News): void {
  process.send?.(news);
}
