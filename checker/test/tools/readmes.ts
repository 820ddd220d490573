// `npm run readmes`: writes what step.ts says into the README of each step.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withStepPart } from '../../src/run/readme.ts';
import { stepsInRepository } from './steps.ts';

for (const { name, folder, step } of await stepsInRepository()) {
  const file = join(folder, 'README.md');
  const readme = readFileSync(file, 'utf8');
  const written = withStepPart(readme, step);
  if (written !== readme) writeFileSync(file, written);
  console.log(`steps/${name}/README.md ${written === readme ? 'is up to date' : 'was written anew'}`);
}
