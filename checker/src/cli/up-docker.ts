import path from 'node:path';
import wrapAnsi from 'wrap-ansi';
import { portText, publications, type Publication } from '../compose/addresses.ts';
import { composeFile, knowsStartInterval } from '../compose/compose-file.ts';
import { composeName } from '../compose/names.ts';
import { ProjectFailure, RunningProject } from '../compose/running-project.ts';
import { writeSecrets } from '../compose/secrets.ts';
import { commandWithoutImage } from '../compose/services.ts';
import { readStep } from '../compose/step-reads.ts';
import { sayEntrances } from '../run/kept/entrances.ts';
import { keptFolder } from '../run/kept/kept-file.ts';
import { paint } from '../run/reports/paint.ts';
import { currentLook } from '../run/reports/terminal.ts';
import { seedFeed } from '../run/seed.ts';
import type { StepPlace } from '../run/steps.ts';
import { EngineProblem } from '../runtime/containers/engine-problems.ts';
import { findEngine } from '../runtime/containers/engine.ts';
import { loadStack, RunDirectory, SourceError } from '../runtime/index.ts';
import { credentialsOf } from '../stack/resolve.ts';
import type { StackDescription } from '../stack/description.ts';
import { missingOfFixed } from '../stack/validate.ts';
import { ExitCode } from './exit.ts';
import { interruption } from './interrupt.ts';
import { stepOf } from './target.ts';
import { unseeded } from './up.ts';

const graceMs = 5_000;

/** `npm run up [step] -- --docker`: the machines run as containers until Ctrl-C; their disks stay for the next time. */
export async function upOnDocker(word: string | undefined): Promise<number> {
  const place = await stepOf(word, 'up');
  const signal = interruption('Stopping the containers. Ctrl-C again leaves at once.');
  const { width } = currentLook();
  const run = await RunDirectory.create();
  let project: RunningProject | undefined;
  try {
    const description = await loadStack(place.folder, await run.forStack(), run);
    const missing = missingOfFixed(description, place.step.fixed);
    if (missing !== undefined) console.log(`\n${wrapAnsi(`${paint.yellow('Not as this step needs it yet:')} ${missing}`, width)}`);
    const lacking = description.machines.flatMap(({ services }) => services.flatMap((service) => commandWithoutImage(service) ?? []));
    if (lacking.length > 0) {
      console.error(`\n${wrapAnsi(`Which image has ${lacking.join(' and ')} is not known, so this stack does not run on Docker. Run it without --docker, or write the image into compose.yaml: npm run compose ${place.name.slice(0, 2)}`, width)}\n`);
      return ExitCode.notRun;
    }
    project = await prepare(place, description, run);
    await project.up();
    const entrances = entrancesOf(place, description);
    sayEntrances({ step: place.step.number, entrances });
    await tell(place, description, project, entrances, signal);
    project.follow((line) => console.log(line));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return ExitCode.ok;
  } catch (error) {
    if (signal.aborted) return ExitCode.interrupted;
    if (error instanceof EngineProblem) {
      console.error(`\n${wrapAnsi(error.message, width)}\nThe way out: ${error.remedy}\n`);
      return ExitCode.notRun;
    } else if (error instanceof ProjectFailure) {
      console.error(`\n${wrapAnsi(`The stack did not start: ${error.message}`, width)}\n`);
      for (const line of error.lines) console.error(`  ${paint.dim(`│ ${line}`)}`);
    } else if (error instanceof SourceError) {
      console.error(`\n${wrapAnsi(`${error.place}: ${error.message}`, width)}`);
    } else throw error;
    return ExitCode.failed;
  } finally {
    await project?.down(graceMs).catch((error: unknown) => console.error(error instanceof Error ? error.message : error));
    await run.remove();
  }
}

async function prepare(place: StepPlace, description: StackDescription, run: RunDirectory): Promise<RunningProject> {
  const folder = path.join(keptFolder, 'compose', place.name);
  await writeSecrets(description, folder);
  const text = composeFile({
    description,
    step: place.step,
    name: place.name,
    reads: readStep(place.folder, description),
    secretsFolder: path.relative(place.folder, folder).split(path.sep).join('/'),
    startInterval: knowsStartInterval(await findEngine()),
  });
  const name = `graminsta-${place.name.slice(0, 2)}`;
  return RunningProject.prepare({ text, name, stepFolder: place.folder, folder, run }, (image) => console.log(`Fetching the image ${image}`));
}

async function tell({ step, name }: StepPlace, description: StackDescription, project: RunningProject, entrances: Record<string, string>, signal: AbortSignal): Promise<void> {
  console.log(`\n${paint.bold(`Step ${step.number} · ${step.title}`)} runs on Docker, as ${description.machines.map((machine) => machine.name).join(', ')}\n`);
  for (const [entrance, url] of Object.entries(entrances)) console.log(`  ${entrance.padEnd(11)} ${url}`);
  if (new Set(description.machines.map(({ region }) => region)).size > 1) console.log('\n  Regions have no distance on Docker. Without --docker they have.\n');
  for (const machine of description.machines) {
    for (const service of machine.services) {
      if (service.kind !== 'postgres') continue;
      const { user, database } = credentialsOf(description, service);
      const container = `${project.name}-${composeName(description, { machine: machine.name, service: service.name })}-1`;
      console.log(`  ${machine.name.padEnd(11)} docker exec -it ${container} psql -U ${user} ${database}`);
    }
  }
  const api = entrances['api'] ?? Object.values(entrances)[0];
  const seeded = api === undefined ? 0 : await seedFeed(api, { signal });
  if (signal.aborted) return;
  if (typeof seeded === 'string') console.log(`\n  ${unseeded[seeded]}`);
  else if (seeded > 0) console.log(`\n  ${seeded} photos were posted, so that there is something to look at.`);
  console.log(`\n  Ctrl-C stops it. What it stores stays, in volumes of Docker: docker volume ls --filter name=graminsta-${name.slice(0, 2)}\n`);
}

/** Where people come in, by the names of the entrances. */
function entrancesOf({ step }: StepPlace, description: StackDescription): Record<string, string> {
  return Object.fromEntries(publications(description, step.number).flatMap((publication) => publication.entrances.map((entrance) => [entrance, `http://localhost:${portOf(publication)}`])));
}

/** Whoever wants another port sets its variable, which `portText` names. */
function portOf(publication: Publication): string {
  return portText(publication).replace(/^\$\{(\w+):-(\d+)\}$/, (_whole, variable: string, usual: string) => process.env[variable] || usual);
}
