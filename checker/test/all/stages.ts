// The stages of `npm test`, and in which order they run.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { bin, findChromium, inRoot } from './paths.ts';

export interface Stage {
  name: string;
  /** The program and its arguments. With a `project` Vitest's own are added. */
  line: [string, ...string[]];
  /** A stage that takes longer hangs, and fails. */
  limitMs: number;
  /** The Vitest project whose tests this stage runs. A stage without one counts as one test. */
  project?: string;
  /** A preparation: it is no test and counts only when it fails. */
  preparation?: true;
  /** Says what is missing for the stage to run, that it has nothing to do, or why it cannot be run on such a computer. */
  before?: () => { missing: string } | { notNeeded: string } | { notRun: string } | undefined;
  /** Output that makes the stage fail although its program ended well. */
  failsOn?: RegExp;
}

/** Stages that run one after the other; lanes run side by side, rounds one after the other. */
export type Lane = Stage[];
export type Round = Lane[];

const minute = 60_000;

const typeCheck: Stage = { name: 'type check', line: [bin('tsc'), '--noEmit'], limitMs: 2 * minute };
const solutions: Stage = {
  name: 'solutions',
  line: [process.execPath, '--import', 'tsx', inRoot('checker/test/all/check-solutions.ts')],
  limitMs: 2 * minute,
};
const lint: Stage = { name: 'lint', line: [bin('eslint'), '.', '--max-warnings=0'], limitMs: 2 * minute };
const unit = vitest('unit tests', 'unit', 5 * minute);
const quick = vitest('quick tests', 'quick', minute);
const commands = vitest('command tests', 'commands', 8 * minute);
const proof = vitest('the proof', 'proof', 45 * minute);
const browser: Stage = {
  ...vitest('browser tests', 'browser', 4 * minute),
  before: () => {
    if (!findChromium()) return { missing: 'Chromium is missing: ./setup --tests installs it.' };
    if (!existsSync(inRoot('docs/build'))) return { missing: 'docs/build is missing: the docs build did not make it.' };
    return undefined;
  },
};

const engine = inRoot('checker/docker/engine');
const docker: Stage = {
  ...vitest('docker tests', 'docker', 20 * minute),
  // Starts the engine that was set up for the tests, and stops it, where Docker is not here by itself.
  line: [engine, 'run', bin('vitest'), 'run', '--project', 'docker', '--allowOnly=false'],
  before: () => {
    const { status, stderr } = spawnSync(engine, ['state'], { encoding: 'utf8' });
    return status === 0 ? undefined : { notRun: stderr.trim() };
  },
};

const docsPackages: Stage = {
  name: 'docs packages',
  line: ['npm', '--prefix', 'docs', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
  limitMs: 6 * minute,
  preparation: true,
  before: () => (docsPackagesAreThere() ? { notNeeded: 'installed already' } : undefined),
};
const docsTypeCheck: Stage = {
  name: 'docs type check',
  line: ['npm', '--prefix', 'docs', 'run', 'typecheck'],
  limitMs: 2 * minute,
};
const docsBuild: Stage = {
  name: 'docs build',
  line: ['npm', '--prefix', 'docs', 'run', 'build'],
  limitMs: 4 * minute,
  // Broken links end the build; broken anchors and paths to files are only told.
  failsOn: /found broken|couldn't be resolved/i,
};

export function quickRounds(): Round[] {
  const more = existsSync(inRoot('checker/test/quick')) ? [[[quick]]] : [];
  return [[[typeCheck, solutions, lint]], [[unit]], ...more];
}

/**
 * The download of the docs' packages is mostly waiting, so it runs beside the first stages. What starts
 * whole stacks and measures time has the computer to itself.
 */
export function allRounds(): Round[] {
  const docs = docsHaveATypeCheck() ? [docsTypeCheck, docsBuild] : [docsBuild];
  return [[[typeCheck, solutions, lint, unit], [docsPackages]], [docs], [[commands]], [[proof]], [[docker]], [[browser]]];
}

function vitest(name: string, project: string, limitMs: number): Stage {
  return { name, line: [bin('vitest'), 'run', '--project', project, '--allowOnly=false'], limitMs, project };
}

/** npm writes its own note of what it installed last of all. */
function docsPackagesAreThere(): boolean {
  const installed = inRoot('docs/node_modules/.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(inRoot('docs/package-lock.json')).mtimeMs;
}

function docsHaveATypeCheck(): boolean {
  const path = inRoot('docs/package.json');
  return existsSync(path) && /"typecheck":/.test(readFileSync(path, 'utf8'));
}
