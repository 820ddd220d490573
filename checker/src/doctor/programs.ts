// The programs of the system, which `checker/programs.txt` lists for ./setup and for the doctor.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineProblem, lookAtEngine } from '../runtime/containers/engine.ts';
import { adding, find, parsePrograms, unknownManager, type HowToAdd, type Program } from '../runtime/programs.ts';
import type { Check } from './document.ts';
import { seen } from './seen.ts';
import type { Surroundings } from './surroundings.ts';
import { within } from './within.ts';

/** An engine that is asked for the first time in a while thinks longer than a folder. */
const dockerPatienceMs = 2_000;

/** Looks for every program of the table, and for Docker. */
export async function programChecks(around: Surroundings): Promise<Check[]> {
  const table = seen<Check[]>(
    around,
    () => tableChecks(around),
    (saw) => [{ id: 'programs', section: 'programs', name: 'programs', state: 'wrong', saw, remedy: 'git checkout checker/programs.txt' }],
  );
  return (await Promise.all([table, dockerCheck(around)])).flat();
}

async function tableChecks(around: Surroundings): Promise<Check[]> {
  const programs = parsePrograms(await readFile(path.join(around.repository, 'checker/programs.txt'), 'utf8'));
  const add = within(adding(around.env), unknownManager);
  return Promise.all(programs.map((program) => programCheck(program, around, add)));
}

async function programCheck(program: Program, around: Surroundings, add: Promise<HowToAdd>): Promise<Check> {
  const { for: audience, names, unlocks } = program;
  const [name = ''] = names;
  const check = { id: `program.${name}`, section: 'programs', name } as const;
  const found = await within(find(names, around.env, around.repository), 'no answer' as const);
  if (found === 'no answer') return { ...check, state: 'note', saw: 'not known: the folders of PATH do not answer in time', notRun: unlocks };
  if (found !== undefined) return { ...check, state: 'fine', saw: around.discreet(found) };
  return { ...check, state: audience === 'all' ? 'wrong' : 'note', saw: 'not found', notRun: unlocks, remedy: (await add)(program) };
}

/** No step needs it, so what is wrong with it is a note. */
async function dockerCheck({ env, discreet }: Surroundings): Promise<Check> {
  const check = { id: 'docker', section: 'programs', name: 'Docker' } as const;
  const found = await within(find(['docker'], env), undefined);
  if (found === undefined) return { ...check, state: 'note', saw: 'not found; no step needs it' };
  try {
    const { version, compose } = await lookAtEngine({ env, timeoutMs: dockerPatienceMs });
    return { ...check, state: 'fine', saw: `engine ${version}, Compose ${compose}; no step needs it` };
  } catch (error) {
    if (!(error instanceof EngineProblem)) throw error;
    return { ...check, state: 'note', saw: discreet(`${error.message} No step needs it.`), notRun: 'npm run up and npm run check with --docker', remedy: discreet(error.remedy) };
  }
}
