import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import wrapAnsi from 'wrap-ansi';
import { publications } from '../compose/addresses.ts';
import { composeFile, knowsStartInterval } from '../compose/compose-file.ts';
import { findEngine } from '../runtime/containers/engine.ts';
import { writeSecrets } from '../compose/secrets.ts';
import { commandWithoutImage } from '../compose/services.ts';
import { isUntouched } from '../compose/signature.ts';
import { readStep } from '../compose/step-reads.ts';
import { keptFolder } from '../run/kept/kept-file.ts';
import { paint } from '../run/reports/paint.ts';
import { currentLook } from '../run/reports/terminal.ts';
import { loadStack, RunDirectory, SourceError } from '../runtime/index.ts';
import type { StackDescription } from '../stack/description.ts';
import { missingOfFixed } from '../stack/validate.ts';
import { ExitCode } from './exit.ts';
import { stepOf } from './target.ts';

/** `npm run compose 04`: stack.ts as a compose.yaml beside it. What somebody has changed is not overwritten, unless by force. */
export async function compose(word: string | undefined, { print, force }: { print: boolean; force: boolean }): Promise<number> {
  const place = await stepOf(word, 'compose');
  const number = place.name.slice(0, 2);
  const { width } = currentLook();
  const description = await describe(place.folder, width);
  if (!description) return ExitCode.failed;

  const secrets = path.join(keptFolder, 'compose', place.name);
  const text = composeFile({
    description,
    step: place.step,
    name: place.name,
    reads: readStep(place.folder, description),
    secretsFolder: path.relative(place.folder, secrets).split(path.sep).join('/'),
    startInterval: knowsStartInterval(await findEngine()),
  });
  if (print) {
    process.stdout.write(text);
    return ExitCode.ok;
  }
  const shown = `steps/${place.name}/compose.yaml`;
  const file = path.join(place.folder, 'compose.yaml');
  if (!force && existsSync(file) && !isUntouched(await readFile(file, 'utf8'))) {
    console.error(wrapAnsi(`${shown} is not as it was made: somebody has changed it, so it stays. To look at a new one: npm run compose ${number} -- --print. To put that in its place: npm run compose ${number} -- --force`, width));
    return ExitCode.failed;
  }
  await writeSecrets(description, secrets);
  await writeFile(file, text);

  const missing = missingOfFixed(description, place.step.fixed);
  if (missing !== undefined) console.log(`\n${wrapAnsi(`${paint.yellow('Not as this step needs it yet:')} ${missing}`, width)}`);
  console.log(`\nWrote ${shown}. It is worth reading. To run it:\n`);
  console.log(`  cd steps/${place.name}\n  docker compose up --wait\n`);
  for (const { port, machine } of publications(description, place.step.number)) console.log(`  http://localhost:${port}  ${machine}`);
  console.log('\n  docker compose down       stops it; with -v, what it stored goes as well\n');
  for (const sentence of withoutImage(description)) console.log(`${wrapAnsi(sentence, width)}\n`);
  return ExitCode.ok;
}

async function describe(folder: string, width: number): Promise<StackDescription | undefined> {
  const run = await RunDirectory.create();
  try {
    return await loadStack(folder, await run.forStack(), run);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    console.error(`\n${wrapAnsi(`${error.place}: ${error.message}`, width)}`);
    return undefined;
  } finally {
    await run.remove();
  }
}

function withoutImage({ machines }: StackDescription): string[] {
  return machines.flatMap(({ name, services }) =>
    services.flatMap((service) => {
      const command = commandWithoutImage(service);
      return command === undefined ? [] : [`Machine "${name}" runs ${command}, and Compose needs an image that has it. Write its name in compose.yaml, at the service ${name}.`];
    }),
  );
}
