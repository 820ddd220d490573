// Compiles the checker and the checks of all steps, once for each state of their sources. A compiler that runs
// beside every command would cost each of them half a second; this costs a tenth of one after a change.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const source = path.join(repository, 'checker/src');
const steps = path.join(repository, 'steps');
// Inside node_modules, so that the packages that are not compiled in are found from there.
const builds = path.join(repository, 'node_modules/.cache/graminsta/builds');
const keptMs = 24 * 60 * 60 * 1000;

/**
 * The folder with the compiled sources, laid out as the repository is.
 * @returns {Promise<string>}
 */
export async function build() {
  const files = sources();
  const state = files.map((file) => {
    const { mtimeMs, size } = statSync(file);
    return `${file} ${mtimeMs} ${size}`;
  });
  const key = createHash('sha256').update(state.join('\n')).digest('hex').slice(0, 16);
  const folder = path.join(builds, key);
  if (existsSync(folder)) return folder;
  try {
    await compile(files, folder);
    return folder;
  } catch (error) {
    // A mistake in a source has a place; the others are of the disk, which may be full or read-only.
    if (error?.errors?.some(({ location }) => location)) throw error;
    return compileElsewhere(files, key);
  }
}

/** In the temporary folder, for as long as the command runs. */
async function compileElsewhere(files, key) {
  const base = mkdtempSync(path.join(tmpdir(), 'graminsta-build-'));
  process.once('exit', () => rmSync(base, { recursive: true, force: true }));
  symlinkSync(path.join(repository, 'node_modules'), path.join(base, 'node_modules'));
  const folder = path.join(base, key);
  await compile(files, folder);
  return folder;
}

function sources() {
  const below = (folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => path.join(folder, file));
  const ofSteps = readdirSync(steps).flatMap((name) => {
    const checks = path.join(steps, name, 'check');
    const step = path.join(steps, name, 'step.ts');
    return [...(existsSync(step) ? [step] : []), ...(existsSync(checks) ? below(checks) : [])];
  });
  return [...below(source), ...ofSteps].sort();
}

async function compile(files, folder) {
  const { build } = await import('esbuild');
  const unfinished = `${folder}.${process.pid}`;
  const entries = ['cli/main.ts', 'run/judge.ts'].map((file) => path.join(source, file));
  await build({
    entryPoints: [...entries, ...files.filter((file) => file.startsWith(steps))],
    outdir: unfinished,
    outbase: repository,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
    alias: {
      'checker/check': path.join(source, 'check/index.ts'),
      'checker/step': path.join(source, 'stack/step.ts'),
      'checker/stack': path.join(source, 'stack/index.ts'),
    },
    plugins: [keepPlaces],
  });
  sweep();
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another command was faster, and its result is the same.
    rmSync(unfinished, { recursive: true });
  }
}

/** What a file knows of its own place stays true after it was compiled into another. */
const keepPlaces = {
  name: 'keep-places',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href)),
      loader: 'ts',
    }));
  },
};

/** Removes what no command that still runs can need. */
function sweep() {
  for (const name of existsSync(builds) ? readdirSync(builds) : []) {
    const folder = path.join(builds, name);
    if (Date.now() - statSync(folder).mtimeMs > keptMs) rmSync(folder, { recursive: true, force: true });
  }
}
