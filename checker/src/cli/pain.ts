import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { paint } from '../run/reports/paint.ts';
import wrapAnsi from 'wrap-ansi';
import { Courtroom } from '../run/courtroom.ts';
import type { Pain } from '../check/pain.ts';
import { currentLook, outcomeReport } from '../run/reports/terminal.ts';
import { compiled } from '../run/repository.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { stepOf } from './target.ts';

const timeWidth = 10;

/** `npm run pain [step]`: a timeline of what happens to the app as it is now. */
export async function pain(word: string | undefined): Promise<number> {
  const place = await stepOf(word, 'pain');
  const { step } = place;
  const look = currentLook();
  const signal = interruption('Stopping the machines. Ctrl-C again leaves at once.');
  const file = pathToFileURL(path.join(compiled(), 'steps', place.name, 'check/pain.js')).href;
  const { default: show } = (await import(file)) as { default: Pain };

  console.log(`\n${paint.bold(`The pain of step ${step.number}`)} · ${step.users}\n`);
  console.log(wrapAnsi(step.pain, look.width));
  console.log('');
  const startedAt = performance.now();
  const tell = (what: string): void => {
    const time = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(timeWidth - 2);
    const lines = wrapAnsi(what, look.width - timeWidth).split('\n');
    console.log(lines.map((line, index) => `${index === 0 ? paint.dim(time) : ' '.repeat(timeWidth - 2)}  ${line}`).join('\n'));
  };

  const room = await Courtroom.open();
  const [first] = step.exercises;
  try {
    const outcome = await room.judge({ step, stepFolder: place.folder }, first!, (scene) => show({ ...scene, tell }), { signal, asItIs: true });
    if (signal.aborted) return ExitCode.interrupted;
    if (outcome.verdict === 'passed') {
      console.log(`\nWhat it means, and what to do about it: npm start, then /steps/${place.name}\n`);
      return ExitCode.ok;
    }
    for (const line of outcomeReport(first!, place.name, outcome, look)) console.log(line);
    return outcome.verdict === 'fault' ? ExitCode.fault : outcome.verdict === 'failed' ? ExitCode.failed : ExitCode.notRun;
  } finally {
    await room.close();
  }
}
