// What a learner sees for typical mistakes, word for word. After a change that is meant:
// GRAMINSTA_UPDATE_GOLDEN=1 npx vitest run --project commands golden

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { inRoot } from '../all/paths.ts';
import { masked, workshops } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, untilJudged } from './expectations.ts';

const inWorkshop = workshops(2);
const folder = inRoot('checker/test/golden');

test.concurrent.each([
  { name: 'the start state', check: '01', overlays: [] },
  { name: 'a syntax error', check: '1.1', overlays: ['solution', 'bad-input/syntax-error-in-app'] },
  { name: 'a crash', check: '1.1', overlays: ['solution', 'bad-input/throw-in-app'] },
  { name: 'a type that is trusted', check: '1.2', overlays: ['solution', 'mutants/01/upload-and-show/trusts-the-clients-type'] },
  { name: 'pages counted from the start', check: '1.3', overlays: ['solution', 'mutants/01/feed/offset'] },
  { name: 'lost likes', check: '1.4', overlays: ['solution', 'mutants/01/likes/read-modify-write'] },
  { name: 'a caption that is markup', check: '1.5', overlays: ['solution', 'mutants/01/page/caption-is-markup'] },
])('the report on $name reads as it is written down', async ({ name, check, overlays }) => {
  await inWorkshop(overlays, async (workshop) => {
    const { result } = await untilJudged(workshop, ['check', check]);
    expect(result.code).toBe(1);
    expectNothingOfOurs(result);
    expectPlain(result);
    const file = path.join(folder, `${name.replaceAll(' ', '-')}.txt`);
    if (process.env['GRAMINSTA_UPDATE_GOLDEN'] === '1') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, masked(result.output));
    }
    expect(masked(result.output)).toBe(readFileSync(file, 'utf8'));
  });
});
