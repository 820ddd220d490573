import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { paint } from '../run/reports/paint.ts';
import wrapAnsi from 'wrap-ansi';
import { Courtroom } from '../run/courtroom.ts';
import type { Outcome } from '../run/outcome.ts';
import type { Pain } from '../check/pain.ts';
import type { Timeline } from '../check/timeline.ts';
import { outcomeFields, stepName, type PainDocument } from '../run/reports/documents.ts';
import { currentLook, outcomeReport, timelineLines } from '../run/reports/terminal.ts';
import { compiled } from '../run/repository.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { stepOf } from './target.ts';

const timeWidth = 10;

/** `npm run pain [step]`: a timeline of what happens to the app as it is now. */
export async function pain(word: string | undefined, { json, docker }: { json: boolean; docker: boolean }): Promise<number> {
  const place = await stepOf(word, 'pain');
  const { step } = place;
  const look = currentLook();
  const signal = interruption('Stopping the machines. Ctrl-C again leaves at once.');
  const file = pathToFileURL(path.join(compiled(), 'steps', place.name, 'check/pain.js')).href;
  const { default: show } = (await import(file)) as { default: Pain };

  const print = (text: string): void => {
    if (!json) console.log(text);
  };
  print(`\n${paint.bold(`The pain of step ${step.number}`)} · ${step.users}\n`);
  print(wrapAnsi(step.pain, look.width));
  print('');
  const startedAt = performance.now();
  const timeline: PainDocument['timeline'] = [];
  const tell = (saw: string, crowd?: Timeline): void => {
    const ms = Math.round(performance.now() - startedAt);
    timeline.push({ ms, saw, ...(crowd && { crowd }) });
    const time = `${(ms / 1000).toFixed(1)} s`.padStart(timeWidth - 2);
    const lines = wrapAnsi(saw, look.width - timeWidth).split('\n');
    print(lines.map((line, index) => `${index === 0 ? paint.dim(time) : ' '.repeat(timeWidth - 2)}  ${line}`).join('\n'));
    if (crowd) print(['', ...timelineLines(crowd, look, timeWidth), ''].join('\n'));
  };

  const room = await Courtroom.open(docker ? { hosting: (await import('../compose/hosting.ts')).containers } : {});
  const [first] = step.exercises;
  try {
    const outcome = await room.judge({ step, stepFolder: place.folder }, first!, (scene) => show({ ...scene, tell: (what) => tell(what), show: tell }), { signal, asItIs: true });
    if (signal.aborted) return ExitCode.interrupted;
    if (json) {
      const document: PainDocument = { document: 'graminsta.pain', format: 1, step: stepName(place), timeline, ...outcomeFields(first!, place.name, outcome) };
      console.log(JSON.stringify(document, null, 2));
      return exitCodeOf(outcome);
    }
    if (outcome.verdict === 'passed') {
      console.log(`\nWhat it means, and what to do about it: npm start, then /steps/${place.name}\n`);
      return ExitCode.ok;
    }
    for (const line of outcomeReport(first!, place.name, outcome, look)) console.log(line);
    return exitCodeOf(outcome);
  } finally {
    await room.close();
  }
}

function exitCodeOf({ verdict }: Outcome): number {
  return { passed: ExitCode.ok, failed: ExitCode.failed, 'not run': ExitCode.notRun, fault: ExitCode.fault }[verdict];
}
