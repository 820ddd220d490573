// Where the program of a service comes from: this computer, or an image where the program is missing or containers are asked for.

import path from 'node:path';
import { MissingProgram, requireProgram } from '../programs.ts';
import { postgresPrograms } from '../postgres/binaries.ts';
import { findEngine, requireEngine, requireImages } from './engine.ts';
import { EngineProblem } from './engine-problems.ts';
import { images } from './images.ts';

export interface Source {
  /** A path on this computer, or a name inside of the image. */
  command: string;
  /** Undefined: a program of this computer. */
  image?: string;
}

/** Images that have a program, by the program's name. */
const imageOf: Readonly<Record<string, string>> = { nginx: images.nginx, 'redis-server': images.redis };

const variable = 'GRAMINSTA_SERVICES';
/** `programs`: those of this computer only. Unset: these, and containers for what is missing. */
const words = ['programs', 'containers'] as const;
type Word = (typeof words)[number];

/** What GRAMINSTA_SERVICES asks for. @throws MissingProgram when nobody knows the word */
export function askedFor(env: NodeJS.ProcessEnv = process.env): Word | undefined {
  const asked = env[variable] ?? '';
  if (asked === '') return undefined;
  const word = words.find((known) => known === asked);
  if (word) return word;
  throw new MissingProgram(`${variable} is ${JSON.stringify(asked)}, and the words that there are for it are ${words.join(' and ')}.`, `unset ${variable}, or say one of them`);
}

/**
 * Where a program is that a machine runs.
 * @throws MissingProgram when neither the program nor its image is to be had; EngineProblem when containers are asked for, and Docker is not as it has to be
 */
export async function sourceOf(name: string, machine: string): Promise<Source> {
  const image = imageOf[path.basename(name)];
  const asked = askedFor();
  if (asked === 'containers' && image !== undefined) return { command: path.basename(name), image: await fromHere(image, name) };
  try {
    return { command: await requireProgram(name, machine) };
  } catch (missing) {
    if (asked === 'programs' || image === undefined || !(missing instanceof MissingProgram) || !(await findEngine())) throw missing;
    return { command: name, image: await orBoth(missing, fromHere(image, name)) };
  }
}

/** npm brings a Postgres, so a container is taken only when it is asked for. @throws as `sourceOf` */
export async function sourceOfPostgres(): Promise<Source> {
  if (askedFor() !== 'containers') return { command: (await postgresPrograms()).postgres };
  const { isLocal } = await requireEngine();
  if (!isLocal) {
    throw new MissingProgram(
      "Postgres cannot run in a container beside the app here: Docker's engine is in a virtual machine or without root, and the database's socket does not reach out of it.",
      `unset ${variable}: npm has brought a Postgres. All of a step runs on Docker with --docker`,
    );
  }
  return { command: 'postgres', image: await fromHere(images.postgres, 'Postgres') };
}

/** An image that is on this computer by now. */
async function fromHere(image: string, name: string): Promise<string> {
  const { version, isRootless } = await requireEngine();
  if (isRootless) {
    throw new MissingProgram(
      `${name} cannot run in a container beside the app here: Docker ${version} runs without root, and its host network is not that of this computer.`,
      `docker context use default, if there is an engine with root as well; or install ${name} and unset ${variable}`,
    );
  }
  await requireImages([image]);
  return image;
}

/** Whoever lacks a program and its image may add either. */
async function orBoth(missing: MissingProgram, image: Promise<string>): Promise<string> {
  try {
    return await image;
  } catch (error) {
    if (!(error instanceof EngineProblem)) throw error;
    throw new MissingProgram(`${missing.message} ${error.message}`, `${missing.remedy}. Or ${error.remedy}`);
  }
}
