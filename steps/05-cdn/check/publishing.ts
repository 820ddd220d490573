// A publish, as the step says it: the files in client/ on storage change, and storage is started again.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type App } from 'checker/check';

const inDocument = /\n?<!-- graminsta version (\S+) -->/g;
const inPart = /\n?\/\*! graminsta version (\S+) \*\//g;

/** Every file of the page says from now on which version it is of. What runs has not read it yet. */
export async function changePage(app: App, version: string): Promise<void> {
  await app.machine('storage').changeFiles(async (folder) => {
    const client = path.join(folder, 'client');
    for (const entry of await readdir(client, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      const isDocument = path.relative(client, file) === 'index.html';
      if (!isDocument && !/\.(js|mjs|css)$/.test(entry.name)) continue;
      const text = await readFile(file, 'utf8');
      const plain = text.replaceAll(isDocument ? inDocument : inPart, '');
      await writeFile(file, plain + (isDocument ? `\n<!-- graminsta version ${version} -->` : `\n/*! graminsta version ${version} */`));
    }
  });
}

/** Changes the page, and starts storage again. @param between what happens when the files are there, and nothing has been restarted yet */
export async function publish(app: App, version: string, between: () => Promise<void>): Promise<void> {
  await changePage(app, version);
  await between();
  await app.machine('storage').restart();
}

/** Of which version a document, a script or a style is; `the first` before anything was published. */
export function versionOf(text: string): string {
  const [last] = [...text.matchAll(inDocument), ...text.matchAll(inPart)].slice(-1);
  return last?.[1] ?? 'the first';
}
