// Type-checks the solutions. A solution holds only the files that it changes, so its imports resolve only
// once it lies over its step: here, in a copy that is gone afterwards.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { layFiles } from '../../src/run/overlay.ts';
import { bin, inRoot, root } from './paths.ts';

const steps = readdirSync(inRoot('steps')).filter((step) => existsSync(inRoot('steps', step, 'solution')));
if (steps.length === 0) {
  console.error('No step has a solution.');
  process.exit(1);
}

mkdirSync(inRoot('.graminsta'), { recursive: true });
// Inside the repository, where packages are found as they are from steps/.
const folder = mkdtempSync(inRoot('.graminsta/solutions-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

for (const step of steps) {
  const given = (path: string) => !['solution', 'node_modules'].includes(basename(path));
  cpSync(inRoot('steps', step), join(folder, step), { recursive: true, filter: given });
  layFiles(inRoot('steps', step, 'solution'), join(folder, step));
  // Packages of which a step has another version than the root.
  const own = inRoot('steps', step, 'node_modules');
  if (existsSync(own)) symlinkSync(own, join(folder, step, 'node_modules'));
}
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['.'], exclude: ['**/node_modules'] }));

const { status } = spawnSync(bin('tsc'), ['--noEmit', '--project', folder], { cwd: root, stdio: 'inherit' });
if (status !== 0) console.error(`${folder} was a copy: each step of steps/ with its solution over it.`);
process.exitCode = status ?? 1;
