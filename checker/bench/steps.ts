// How long whole steps take: their stacks until they are ready, and their checks when all is solved.

import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Check } from '../src/check/exercise.ts';
import { Courtroom, type Subject } from '../src/run/courtroom.ts';
import { layOver } from '../src/run/overlay.ts';
import { repository } from '../src/run/repository.ts';
import type { Step } from '../src/stack/step.ts';
import { command, median, note, runs, seconds, workshop } from './measure.ts';

export async function stackStarts(): Promise<void> {
  await stackStart('02-split-db', ['server'], '0.6 s');
  await stackStart('04-load-balancer', ['lb', 'api-1', 'api-2', 'api-3', 'client'], '1.5 s');
  await stackStart('06-cache-replicas', ['lb', 'api-1', 'api-2', 'api-3', 'storage', 'edge-us', 'edge-eu', 'edge-ap'], '2.5 s');
}

/** From the description until every one of these machines says that it is ready. */
async function stackStart(name: string, machines: readonly string[], wanted: string): Promise<void> {
  const room = await Courtroom.open();
  const subject = await solved(name, room);
  // Its files are compiled once, and kept.
  await room.prepare(subject.stepFolder);
  const times: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const startedAt = performance.now();
    const stack = await room.startStack(subject);
    await Promise.all(machines.map((machine) => ready(`http://127.0.0.1:${stack.wireOfPeople(machine).port}`)));
    if (run > 0) times.push(performance.now() - startedAt);
    await stack.stop();
  }
  await room.close();
  note(`step ${subject.step.number}'s stack, described to ready`, wanted, seconds(median(times)));
}

async function ready(url: string): Promise<void> {
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.status !== 200);
}

export async function solvedChecks(): Promise<void> {
  const folder = workshop(['02-split-db', '03-split-client', '04-load-balancer', '05-cdn', '06-cache-replicas']);
  try {
    for (const [step, wanted] of [['02', '15 s'], ['03', '15 s'], ['04', '35 s'], ['05', '30 s'], ['06', '45 s']] as const) {
      await command(folder, 'check', [`${step}.1`.replace(/^0/, '')], /[✓✗]/);
      const times = [];
      for (let run = 0; run < 3; run += 1) times.push(await command(folder, 'check', [step, '--', '--all'], /✓/));
      note(`check ${step} --all, all solved, whole command`, wanted, seconds(median(times.map(({ ms }) => ms))));
      if (step === '02') note("peak memory of checker and step 2's stack together", '400 MB', `${Math.round(Math.max(...times.map(({ peakMb }) => peakMb)))} MB`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All API machines of step 4 are deployed under load: how often did a request fail? */
export async function deploys(): Promise<void> {
  const name = '04-load-balancer';
  const room = await Courtroom.open();
  const subject = await solved(name, room);
  const { default: check } = (await import(path.join(repository, 'steps', name, 'check/deploy.check.ts'))) as { default: Check };
  const exercise = subject.step.exercises.find(({ slug }) => slug === 'deploy')!;
  const verdicts: string[] = [];
  for (let run = 0; run < 20; run += 1) verdicts.push((await room.judge(subject, exercise, check)).verdict);
  await room.close();
  const failed = verdicts.filter((verdict) => verdict !== 'passed');
  note('deploys of all API machines under load in which a request failed, of 20', '0', `${failed.length}${failed.length > 0 ? ` (${failed.join(', ')})` : ''}`);
}

/** A step that is solved, in a folder of its own. */
export async function solved(name: string, room: Courtroom): Promise<Subject> {
  const folder = path.join(repository, 'steps', name);
  const { default: step } = (await import(path.join(folder, 'step.ts'))) as { default: Step };
  const overlays = [path.join(folder, 'start'), path.join(folder, 'solution')];
  return { step, stepFolder: await layOver(folder, overlays, path.join(room.run.path, 'subjects', name)) };
}
