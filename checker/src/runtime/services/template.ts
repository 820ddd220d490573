import { readFile, writeFile } from 'node:fs/promises';

/**
 * Puts values into a configuration file, in its place on the machine's disk, so that whatever the program says of a
 * line is true of the learner's file. `${NAME}` is replaced for the names given and for no others: nginx and HAProxy have
 * variables of their own. Done again, it changes nothing.
 */
export async function renderTemplate(file: string, values: Readonly<Record<string, string>>): Promise<void> {
  const text = await readFile(file, 'utf8');
  const rendered = fillIn(text, values);
  if (rendered !== text) await writeFile(file, rendered);
}

export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
