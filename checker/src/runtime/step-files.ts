// A step's files as machines get them: without what is the workshop's own, and with the JavaScript of every
// program that the stack runs beside its TypeScript. Made once and copied to each disk.

import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import type { StackDescription } from '../stack/description.ts';
import { StackError } from '../stack/stack-error.ts';
import { transpile } from './transpile.ts';

/** What is in a step's folder but on no machine. */
const keptBack = new Set(['node_modules', 'check', 'solution', 'start', 'phone', '.graminsta', 'step.ts', 'stack.ts', 'README.md']);

export interface StepFiles {
  folder: string;
  /** Where packages are found: beside the step, then those that all steps share, as Node.js would look. */
  ownPackages: string | undefined;
  sharedPackages: string | undefined;
}

/**
 * @param folder where to put them; made by this
 * @throws StackError for a program that is not there, SourceError for a mistake in one.
 */
export async function prepareStepFiles(stepFolder: string, stack: StackDescription, folder: string): Promise<StepFiles> {
  const entries = new Set<string>();
  for (const machine of stack.machines) {
    for (const service of machine.services) {
      const file = 'entry' in service ? service.entry : 'template' in service ? service.template : undefined;
      if (file !== undefined && !existsSync(path.join(stepFolder, file))) {
        throw new StackError(`stack.ts has machine "${machine.name}" run ${file}, and there is no such file in this step.`);
      }
      if (service.kind === 'node') entries.add(service.entry);
    }
  }
  await cp(stepFolder, folder, {
    recursive: true,
    filter: (source) => !keptBack.has(path.relative(stepFolder, source)),
  });
  for (const entry of entries) await transpile(folder, entry);
  const own = path.join(stepFolder, 'node_modules');
  return { folder, ownPackages: existsSync(own) ? own : undefined, sharedPackages: packagesAbove(stepFolder) };
}

function packagesAbove(stepFolder: string): string | undefined {
  for (let folder = path.dirname(stepFolder); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules');
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) return undefined;
  }
}
