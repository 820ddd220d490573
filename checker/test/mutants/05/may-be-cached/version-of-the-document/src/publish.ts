// A new page is published when this machine starts with other files than before. Pages that people have open were made for
// their own scripts, so each version has addresses of its own, and every version that was published stays.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFolder } from './disk.ts';

const source = fileURLToPath(new URL('../client', import.meta.url));
const index = 'index.html';
const validVersion = /^[\da-f]{16}$/;
/** Not one with a dot in front: neither `..` nor what is unfinished. */
const validFile = /^[\w-][\w.-]*$/;

export interface Published {
  /** The page itself, with the addresses of its own version in it. */
  html: string;
  /** A file of this version or of an earlier one. */
  fileOf: (version: string, segments: readonly string[]) => Promise<Buffer | undefined>;
}

// #region publish
/** @param dataDir on the machine's own disk, where the versions are kept */
export async function publish(dataDir: string): Promise<Published> {
  const folder = await openFolder(path.join(dataDir, 'page'));
  const files = await readFiles();
  const version = versionOf(files);
  // A full disk costs the version its future and not its present.
  await keep(path.join(folder, version), files).catch((error: unknown) => console.error(`Version ${version} of the page is not kept: ${String(error)}`));
  return {
    html: rewrite(files, version),
    fileOf: async (wanted, segments) => {
      if (wanted === version) return files.get(segments.join('/'));
      if (!validVersion.test(wanted) || !segments.every((segment) => validFile.test(segment))) return undefined;
      return readFile(path.join(folder, wanted, ...segments)).catch(() => undefined);
    },
  };
}

/** Made of what the files say, so that every start and every machine comes to the same. */
function versionOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256');
  for (const [file, bytes] of files) if (file === index) hash.update(JSON.stringify([file, bytes.length])).update(bytes);
  return hash.digest('hex').slice(0, 16);
}

/** All of it under another name first: a version that is there is whole. */
async function keep(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  if (await readdir(folder).then(() => true, () => false)) return;
  const unfinished = path.join(path.dirname(folder), `.${randomUUID()}`);
  try {
    for (const [file, bytes] of files) {
      await mkdir(path.dirname(path.join(unfinished, file)), { recursive: true });
      await writeFile(path.join(unfinished, file), bytes);
    }
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** The page names its scripts and styles by their version. They name each other relative to themselves, and so stay among their own. */
function rewrite(files: ReadonlyMap<string, Buffer>, version: string): string {
  let html = files.get(index)?.toString('utf8') ?? '';
  for (const file of files.keys()) html = html.replaceAll(`"/${file}"`, `"/v/${version}/${file}"`);
  return html;
}
// #endregion

/** By their paths below the folder, in order. */
async function readFiles(): Promise<Map<string, Buffer>> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && validFile.test(entry.name)).map((entry) => path.join(entry.parentPath, entry.name));
  const files = new Map<string, Buffer>();
  for (const file of paths.sort()) files.set(path.relative(source, file).replaceAll(path.sep, '/'), await readFile(file));
  return files;
}
