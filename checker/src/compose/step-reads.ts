// What is to be known of a step's files for its compose.yaml.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { StackDescription } from '../stack/description.ts';
import { StackError } from '../stack/stack-error.ts';

export interface StepReads {
  /** Machines with a program that asks for DATA_DIR: they keep something. */
  keepers: ReadonlySet<string>;
  /** Texts of configuration files by their names in stack.ts. */
  templates: ReadonlyMap<string, string>;
}

/**
 * @param folder the step's
 * @throws StackError for a file that is not there
 */
export function readStep(folder: string, description: StackDescription): StepReads {
  const keepers = new Set<string>();
  const templates = new Map<string, string>();
  for (const { name, services } of description.machines) {
    for (const service of services) {
      const file = 'entry' in service ? service.entry : 'template' in service ? service.template : undefined;
      if (file === undefined) continue;
      const place = path.join(folder, file);
      if (!existsSync(place)) throw new StackError(`stack.ts has machine "${name}" run ${file}, and there is no such file in this step.`);
      if (service.kind !== 'node') templates.set(file, readFileSync(place, 'utf8'));
      const texts = service.kind === 'node' ? sourcesFrom(place) : [readFileSync(place, 'utf8'), ...('command' in service ? service.command : [])];
      if (texts.some((text) => text.includes('DATA_DIR'))) keepers.add(name);
    }
  }
  return { keepers, templates };
}

/** The texts of a program and of all files of the step that it imports. */
function sourcesFrom(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file) || !existsSync(file)) return [];
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imported = [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)];
  return [text, ...imported.flatMap(([, name = '']) => sourcesFrom(path.resolve(path.dirname(file), name), seen))];
}
