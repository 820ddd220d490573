import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { paint } from '../run/reports/paint.ts';
import wrapAnsi from 'wrap-ansi';
import { cacheFolder, endOf, loadStack, MissingProgram, othersReach, Ports, prepareStepFiles, RunDirectory, RunningStack, SourceError, StartFailure } from '../runtime/index.ts';
import { sayEntrances } from '../run/kept/entrances.ts';
import { currentLook } from '../run/reports/terminal.ts';
import { repository } from '../run/repository.ts';
import { seedFeed, type Unseeded } from '../run/seed.ts';
import type { StepPlace } from '../run/steps.ts';
import { regions, type Region } from '../stack/description.ts';
import { missingOfFixed } from '../stack/validate.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { stepOf } from './target.ts';

const graceMs = 5_000;

/** What is said of a feed that nothing was posted to. */
export const unseeded: Record<Unseeded, string> = {
  'takes none': 'It takes no photos yet. When it does, the feed begins with a dozen.',
  'not ready': 'It is not ready yet, so no photos were posted. Once it gets ready, stop it and start it again: the feed begins with a dozen.',
  'too many log-ins': 'It lets nobody log in at the moment (429), so no photos were posted. Wait, then stop it and start it again.',
};

/** `npm run up [step]`: the machines run until Ctrl-C; their disks stay for the next time. @param region where whoever looks at it is */
export async function up(word: string | undefined, region: Region): Promise<number> {
  const place = await stepOf(word, 'up');
  const { step } = place;
  const signal = interruption('Stopping the machines. Ctrl-C again leaves at once.');
  const { width } = currentLook();
  const run = await RunDirectory.create();
  // The same ports as last time, if they are free: bookmarks and open pages go on to work.
  const ports = await Ports.claim(step.number);
  let stack: RunningStack | undefined;
  let isStopping = false;
  signal.addEventListener('abort', () => (isStopping = true), { once: true });
  try {
    stack = await start(place, run, ports, region);
    sayEnds(stack, () => isStopping);
    sayEntrances({ step: step.number, entrances: entrancesOf(stack, region) });
    await tell(place, stack, region, signal);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const killed = await stack.stop({ graceMs });
    for (const { title } of killed) {
      console.log(`${title} ignored SIGTERM for ${graceMs / 1000} s and was killed. A deploy would cut off whoever it serves.`);
    }
    return ExitCode.ok;
  } catch (error) {
    if (error instanceof StartFailure) {
      console.error(`\n${wrapAnsi(error.message, width)}\n`);
      for (const line of error.log.tail(12)) console.error(`  ${paint.dim(`│ ${line}`)}`);
    } else if (error instanceof MissingProgram) {
      console.error(`\n${wrapAnsi(error.message, width)}\nTo add it: ${error.remedy}\n`);
      return ExitCode.notRun;
    } else if (error instanceof SourceError) {
      console.error(`\n${wrapAnsi(`${error.place}: ${error.message}`, width)}`);
    } else throw error;
    return ExitCode.failed;
  } finally {
    isStopping = true;
    await stack?.stop();
    await ports.release();
    await run.remove();
  }
}

async function start(place: StepPlace, run: RunDirectory, ports: Ports, visitorsIn: Region): Promise<RunningStack> {
  const scratch = await run.forStack();
  const description = await loadStack(place.folder, scratch, run);
  const files = await prepareStepFiles(place.folder, description, path.join(scratch, 'files'));
  const missing = missingOfFixed(description, place.step.fixed);
  if (missing !== undefined) console.log(`\n${paint.yellow('Not as this step needs it yet:')} ${missing}`);
  // Under root Postgres runs as somebody else and must reach its data, and a socket's path must be short: hence the link.
  const kept = path.join(process.getuid?.() !== 0 || othersReach(repository) ? path.join(repository, '.graminsta') : cacheFolder(), 'up', place.name);
  await mkdir(kept, { recursive: true });
  const link = path.join(run.path, 'up');
  await symlink(kept, link);
  return RunningStack.start(description, {
    files,
    stackFolder: link,
    run,
    ports,
    durable: true,
    visitorsIn,
    onLog: (machine, service, line) => {
      if (service.kind !== 'postgres') console.log(`${paint.cyan(machine.padEnd(8))} ${line}`);
    },
  });
}

/** Says of each program that ends that it did, unless it was told to. */
function sayEnds(stack: RunningStack, isStopping: () => boolean): void {
  for (const machine of stack.machines.values()) {
    for (const service of machine.services) {
      void service.process?.exited.then(() => {
        if (!isStopping()) console.log(paint.yellow(`${endOf(service, machine.name) ?? ''}.`));
      });
    }
  }
}

async function tell({ step, name }: StepPlace, stack: RunningStack, region: Region, signal: AbortSignal): Promise<void> {
  const entrances = entrancesOf(stack, region);
  console.log(`\n${paint.bold(`Step ${step.number} · ${step.title}`)} runs on ${[...stack.machines.keys()].join(', ')}\n`);
  for (const [name, url] of Object.entries(entrances)) console.log(`  ${name.padEnd(9)} ${url}`);
  const others = regions.filter((other) => other !== region && stack.description.machines.some((machine) => machine.region === other));
  if (others.length > 0) console.log(`\n  You are in ${region}, as far away from the other regions as people there are. From elsewhere: --region ${others.join(', or --region ')}.\n`);
  for (const machine of stack.description.machines) {
    for (const service of machine.services) {
      if (service.kind === 'postgres') console.log(`  ${machine.name.padEnd(9)} ${stack.postgres(machine.name).adminUrl}`);
    }
  }
  const api = entrances['api'] ?? Object.values(entrances)[0];
  const seeded = api === undefined ? 0 : await seedFeed(api, { signal });
  if (signal.aborted) return;
  if (typeof seeded === 'string') console.log(`\n  ${unseeded[seeded]}`);
  else if (seeded > 0) console.log(`\n  ${seeded} photos were posted, so that there is something to look at.`);
  console.log(`\n  Ctrl-C stops it. What it stores stays, in .graminsta/up/${name}\n`);
}

/** Of those in one region. An entrance that this region lacks is none. */
function entrancesOf(stack: RunningStack, region: Region): Record<string, string> {
  const { entrances } = stack.description;
  const there = Object.keys(entrances).filter((name) => typeof entrances[name] === 'string' || entrances[name]?.[region] !== undefined);
  return Object.fromEntries(there.map((name) => [name, stack.entrance(name, region).url]));
}
