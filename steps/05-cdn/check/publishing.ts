// A publish, as the step says it: the files in client/ on storage change, and storage is started again.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type App } from 'checker/check';

const inDocument = /\n?<!-- graminsta version (\S+) -->/g;
const inPart = /\n?\/\*! graminsta version (\S+) \*\//g;

/** Every file of the page says from now on which version it is of. What runs has not read it yet. */
export async function changePage(app: App, version: string): Promise<void> {
  await app.machine('storage').changeFiles(async (folder) => {
    for (const file of await filesIn(folder)) await mark(file, version);
  });
}

/**
 * One file says so, and the document is not it: most publishes are like that.
 * @param served what came from such files, those first that are to be changed rather than others
 * @returns whether there is such a file
 */
export async function changeOneFile(app: App, version: string, ending: RegExp, served: readonly string[]): Promise<boolean> {
  let isChanged = false;
  await app.machine('storage').changeFiles(async (folder) => {
    const files = (await filesIn(folder)).filter(({ path }) => ending.test(path));
    const from = served.map((body) => files.find(({ text }) => body.includes(text.trim())));
    const file = from.find((found) => found !== undefined) ?? files[0];
    if (file) await mark(file, version);
    isChanged = file !== undefined;
  });
  return isChanged;
}

interface PageFile {
  path: string;
  text: string;
  isDocument: boolean;
}

async function filesIn(folder: string): Promise<PageFile[]> {
  const client = path.join(folder, 'client');
  const entries = await readdir(client, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const isDocument = (file: string): boolean => path.relative(client, file) === 'index.html';
  const marked = paths.filter((file) => isDocument(file) || /\.(js|mjs|css)$/.test(file)).sort();
  return Promise.all(marked.map(async (file) => ({ path: file, text: await readFile(file, 'utf8'), isDocument: isDocument(file) })));
}

async function mark(file: PageFile, version: string): Promise<void> {
  const plain = file.text.replaceAll(file.isDocument ? inDocument : inPart, '');
  await writeFile(file.path, plain + (file.isDocument ? `\n<!-- graminsta version ${version} -->` : `\n/*! graminsta version ${version} */`));
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
