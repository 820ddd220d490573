// The steps as they stand in the repository. (The commands read them compiled: see run/steps.ts.)

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StepPlace } from '../../src/run/steps.ts';
import type { Step } from '../../src/stack/step.ts';
import { inRoot } from '../all/paths.ts';

export async function stepsInRepository(): Promise<StepPlace[]> {
  const names = readdirSync(inRoot('steps')).filter((name) => existsSync(inRoot('steps', name, 'step.ts'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const folder = inRoot('steps', name);
      const { default: step } = (await import(pathToFileURL(join(folder, 'step.ts')).href)) as { default: Step };
      return { name, folder, step };
    }),
  );
}
