// TypeScript becomes JavaScript file by file, each beside its source, so that everything that a program may do
// with its own place in the file system works: import.meta.url, reading schema.sql, looking into a folder.
// A bundle would start no faster and would lie about all of these.

import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { sourceErrorOf } from './source-error.ts';

const typescript = /\.[cm]?tsx?$/;

/** Where the JavaScript of a TypeScript file is. Other files stand for themselves. */
export function compiledPath(file: string): string {
  return file.replace(typescript, '.js');
}

/**
 * Compiles `entry` and every TypeScript file that it imports, in place.
 * @returns the file to run.
 * @throws SourceError for a mistake in one of them.
 */
export async function transpile(folder: string, entry: string): Promise<string> {
  const start = path.join(folder, entry);
  if (!typescript.test(start)) return start;
  const done = new Set<string>();
  let files = [start];
  while (files.length > 0) {
    for (const file of files) done.add(file);
    const found = new Set<string>();
    await compile(folder, files, found);
    files = [...found].filter((file) => !done.has(file));
  }
  return compiledPath(start);
}

async function compile(folder: string, files: string[], found: Set<string>): Promise<void> {
  try {
    await build({
      entryPoints: files,
      outdir: folder,
      outbase: folder,
      bundle: true,
      plugins: [keepImports(found)],
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      absWorkingDir: folder,
    });
  } catch (error) {
    throw sourceErrorOf(error, folder);
  }
}

/** Leaves every import where it is, and points those of TypeScript files at their JavaScript. */
function keepImports(found: Set<string>): Plugin {
  const ours = Symbol('resolved by esbuild');
  return {
    name: 'keep-imports',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path: imported, kind, importer, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === ours) return undefined;
        const isPackage = !imported.startsWith('.') && !path.isAbsolute(imported) && !imported.startsWith('#');
        if (isPackage) return { path: imported, external: true };
        const resolved = await build.resolve(imported, { kind, importer, resolveDir, pluginData: ours });
        if (resolved.errors.length > 0) return { errors: resolved.errors };
        if (resolved.path.endsWith('.json')) return resolved;
        if (typescript.test(resolved.path)) found.add(resolved.path);
        const relative = path.relative(resolveDir, compiledPath(resolved.path));
        return { path: relative.startsWith('.') ? relative : `./${relative}`, external: true };
      });
    },
  };
}
