// The compose.yaml of a stack, for tests that read it or run it.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { composeFile } from '../src/compose/compose-file.ts';
import { readStep, type StepReads } from '../src/compose/step-reads.ts';
import { layOver } from '../src/run/overlay.ts';
import { repository } from '../src/run/repository.ts';
import type { StackDescription } from '../src/stack/description.ts';
import type { Step } from '../src/stack/step.ts';

export interface Solved {
  /** `04` */
  number: string;
  /** The step's folder with the solution in it. */
  folder: string;
  stack: StackDescription;
  text: string;
}

/** Where tests have the files with the passwords, as `npm run compose` has them. */
const secretsFolder = (name: string): string => `../../.graminsta/compose/${name}`;

/** Each step's solution with its compose.yaml. @param folder an empty one for their files */
export async function solvedSteps(folder: string): Promise<Solved[]> {
  const steps = path.join(repository, 'steps');
  const names = readdirSync(steps).filter((name) => existsSync(path.join(steps, name, 'step.ts'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const stepFolder = path.join(steps, name);
      const { default: step } = (await import(path.join(stepFolder, 'step.ts'))) as { default: Step };
      const solution = path.join(stepFolder, 'solution');
      const { default: stack } = (await import(path.join(solution, 'stack.ts'))) as { default: StackDescription };
      const laid = await layOver(stepFolder, [solution], path.join(folder, 'steps', name));
      const text = composeFile({ description: stack, step, name, reads: readStep(laid, stack), secretsFolder: secretsFolder(name) });
      return { number: name.slice(0, 2), folder: laid, stack, text };
    }),
  );
}

/** The compose.yaml of a small stack. */
export function composed(stack: StackDescription, reads: StepReads = { keepers: new Set(), templates: new Map() }, startInterval = true): string {
  return composeFile({ description: stack, step: { number: 9, title: 'A test' }, name: '09-a-test', reads, secretsFolder: secretsFolder('09-a-test'), startInterval });
}
