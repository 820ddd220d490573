// `npm run compose`, which needs no Docker.

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isUntouched } from '../../src/compose/signature.ts';
import { workshops } from '../workshop.ts';
import { expectNothingOfOurs, expectWords } from './expectations.ts';

const inWorkshop = workshops(2);
const file = 'steps/01-single-machine/compose.yaml';

test.concurrent('compose writes the machines beside stack.ts, and says how to run them', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const result = await workshop.run(['compose', '01']);
    expect(result.code, result.output).toBe(0);
    expectWords(result, `Wrote ${file}.`, 'cd steps/01-single-machine docker compose up --wait', 'http://localhost:8010 server', 'docker compose down stops it');
    expect(isUntouched(workshop.read(file))).toBe(true);
    expect(workshop.read('home/compose/01-single-machine/server-postgres-password')).toBe('graminsta');

    // Nobody has changed it: it may be made anew.
    expect((await workshop.run(['compose', '1'])).code).toBe(0);
  });
});

test.concurrent('a compose.yaml that somebody has changed stays, unless by force', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    expect((await workshop.run(['compose', '01'])).code).toBe(0);
    const mine = `${workshop.read(file)}# mine\n`;
    workshop.write(file, mine);

    const refused = await workshop.run(['compose', '01']);
    expect(refused.code).toBe(1);
    expectWords(refused, `${file} is not as it was made`, 'npm run compose 01 -- --print', 'npm run compose 01 -- --force');
    expect(workshop.read(file)).toBe(mine);

    expect((await workshop.run(['compose', '01', '--force'])).code).toBe(0);
    expect(isUntouched(workshop.read(file))).toBe(true);
  });
});

test.concurrent('with --print it shows the text and writes nothing', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const result = await workshop.run(['compose', '01', '--print']);
    expect(result.code).toBe(0);
    expect(isUntouched(result.stdout)).toBe(true);
    expect(existsSync(workshop.path(file))).toBe(false);
    expect(existsSync(workshop.path('home/compose'))).toBe(false);
  });
});

test.concurrent('a mistake in stack.ts is told with its place, and nothing is written', async () => {
  await inWorkshop(['bad-input/throw-in-stack'], async (workshop) => {
    const result = await workshop.run(['compose', '01']);
    expect(result.code).toBe(1);
    expectWords(result, 'stack.ts:8: Error: The plans are not finished.');
    expectNothingOfOurs(result);
    expect(existsSync(workshop.path(file))).toBe(false);
  });
});
