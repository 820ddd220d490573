// `npm run picture`: runs a real check on a copy of the workshop in which step 1 is solved, but for one mistake that
// people really make, and draws what the terminal showed: docs/static/img/check.svg.

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inRoot } from '../all/paths.ts';
import { drawTerminal } from './terminal-svg.ts';

const step = '01-single-machine';
const mistake = inRoot('checker/test/mutants/01/upload-and-show/trusts-the-clients-type');
const picture = inRoot('docs/static/img/check.svg');

const copy = realpathSync(mkdtempSync(join(tmpdir(), 'graminsta-picture-')));
try {
  const output = checkIn(copy);
  if ([copy, inRoot()].some((folder) => output.includes(folder))) throw new Error(`The output names a folder of this computer:\n${output}`);
  const title = 'A check in the terminal: exercise 1.1 passes, 1.2 fails and says what was seen, expected and why';
  writeFileSync(picture, drawTerminal({ title, command: 'npm run check 01', output, columns: 80 }));
  console.log(output);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** What `check 01` prints in a copy of the workshop, made in `folder`. @throws Error unless 1.2 is what fails. */
function checkIn(folder: string): string {
  // Postgres may run as another user, who has to get to the packages through this folder.
  chmodSync(folder, 0o755);
  const given = (source: string): boolean => !['node_modules', 'test', 'start'].includes(basename(source));
  for (const part of ['checker', 'steps']) cpSync(inRoot(part), join(folder, part), { recursive: true, filter: given });
  cpSync(inRoot('steps', step, 'start'), join(folder, 'steps', step), { recursive: true });
  for (const layer of [inRoot('steps', step, 'solution'), mistake]) cpSync(layer, join(folder, 'steps', step), { recursive: true });
  for (const packages of ['node_modules', `steps/${step}/node_modules`]) symlinkSync(inRoot(packages), join(folder, packages));

  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'checker/bin/graminsta.mjs'), 'check', '01'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined, GRAMINSTA_HOME: join(folder, '.graminsta') },
  });
  if (status !== 1 || !/✓.*1\.1.*[\s\S]*✗.*1\.2/.test(stdout)) throw new Error(`Exercise 1.2 should fail here, and nothing before it:\n${stdout}${stderr}`);
  return stdout;
}
