// `npm run picture`: a real `check --watch` in a copy of the workshop in which step 1 is solved, but for one mistake that
// people really make. The mistake is mended, the file saved. What the terminal showed becomes docs/static/img/check.svg.

import { cpSync, writeFileSync } from 'node:fs';
import { inRoot } from '../all/paths.ts';
import { Workshop, type RunningCommand } from '../workshop.ts';
import { drawTerminal, type Frame } from './terminal-svg.ts';

const workshop = new Workshop();
try {
  workshop.lay('solution', 'mutants/01/upload-and-show/trusts-the-clients-type');
  await workshop.run(['check', '1.1']);
  const command = workshop.start(['check', '--watch'], { terminal: true, env: { FORCE_COLOR: '1' } });
  await command.says(/✗[^]*q.* quit/);
  for (const file of ['src/photos.ts', 'src/images.ts']) cpSync(workshop.path(workshop.step, 'solution', file), workshop.path(workshop.step, file));
  await command.says(/1\.2 has passed[^]*q.* quit/);
  const frames: Frame[] = [
    { output: screenOf(command, 'did '), seconds: 7 },
    { output: screenOf(command, 'has passed'), seconds: 4 },
  ];
  command.press('q');
  await command.ended;
  if ([workshop.folder, inRoot()].some((folder) => frames.some(({ output }) => output.includes(folder)))) throw new Error('The output names a folder of this computer.');
  const title = 'A check in the terminal: exercise 1.2 fails and says what was seen, expected and why; a file is saved, and it passes';
  writeFileSync(inRoot('docs/static/img/check.svg'), drawTerminal({ title, command: 'npm run check -- --watch', frames, columns: 80 }));
  for (const { output } of frames) console.log(output);
} finally {
  await workshop.quiet();
  workshop.remove();
}

/** The last screen with this text on it, as it looked at its end. */
function screenOf({ output }: RunningCommand, text: string): string {
  const escape = String.fromCharCode(27);
  const [cleared, erased] = [`${escape}[1;1H${escape}[0J`, `${escape}[2K${escape}[1G`];
  const screen = output.replaceAll('\r\n', '\n').split(cleared).findLast((candidate) => candidate.includes(text)) ?? '';
  // What was on a line before it was erased is not there any more.
  return screen.split('\n').map((line) => line.split(erased).at(-1) ?? '').join('\n').replace(/^\n*/, '\n').trimEnd();
}
