// `npm run picture`: runs a real check in a copy of the workshop in which step 1 is solved, but for one mistake that
// people really make, and draws what the terminal showed: docs/static/img/check.svg.

import { writeFileSync } from 'node:fs';
import { inRoot } from '../all/paths.ts';
import { Workshop } from '../workshop.ts';
import { drawTerminal } from './terminal-svg.ts';

const workshop = new Workshop();
try {
  workshop.lay('solution', 'mutants/01/upload-and-show/trusts-the-clients-type');
  const { code, output } = await workshop.run(['check', '01'], { env: { FORCE_COLOR: '1' } });
  const isAsMeant = code === 1 && /✓.* 1\.1 [^]*✗.* 1\.2 /.test(output);
  if (!isAsMeant) throw new Error(`Exercise 1.2 should fail here, and nothing before it:\n${output}`);
  if ([workshop.folder, inRoot()].some((folder) => output.includes(folder))) {
    throw new Error(`The output names a folder of this computer:\n${output}`);
  }
  const title = 'A check in the terminal: exercise 1.1 passes, 1.2 fails and says what was seen, expected and why';
  writeFileSync(inRoot('docs/static/img/check.svg'), drawTerminal({ title, command: 'npm run check 01', output, columns: 80 }));
  console.log(output);
} finally {
  workshop.remove();
}
