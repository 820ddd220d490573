// The commands that read and write a learner's files.

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workshops, type Workshop } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords } from './expectations.ts';

const inWorkshop = workshops(2);
const health = 'steps/01-single-machine/src/health.ts';

function backups(workshop: Workshop): string[] {
  return readdirSync(workshop.path('home/backups'));
}

test.concurrent('reset puts the start back and keeps what was changed in the backup that it names', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    expect((await workshop.run(['check', '1.1'])).code).toBe(0);
    const start = workshop.read('steps/01-single-machine/start/src/health.ts');
    workshop.write(health, '// my work\n');
    workshop.write('steps/01-single-machine/src/more.ts', '// a file of mine\n');

    const result = await workshop.run(['reset', '01', '--yes']);
    expectWords(result, 'steps/01-single-machine/src/health.ts', 'Done. The exercises of step 1 are open again. Your files are in');
    expectWords(await workshop.run(['progress']), 'core 0 of 4', 'Go on with 1.1');
    expect(result.code).toBe(0);
    expectPlain(result);
    expect(workshop.read(health)).toBe(start);
    expect(workshop.read('steps/01-single-machine/stack.ts')).toBe(workshop.read('steps/01-single-machine/start/stack.ts'));
    expect(readdirSync(workshop.path('steps/01-single-machine/src'))).not.toContain('more.ts');

    const [backup] = backups(workshop);
    expect(result.output).toContain(backup);
    expect(workshop.read(`home/backups/${backup}/src/health.ts`)).toBe('// my work\n');
    expect(workshop.read(`home/backups/${backup}/src/more.ts`)).toBe('// a file of mine\n');

    const again = await workshop.run(['reset', '01', '--yes']);
    expectWords(again, 'Step 1 is as it was at the start.');
    expect(backups(workshop)).toHaveLength(1);
  });
});

test.concurrent('reset changes nothing when there is nobody to ask', async () => {
  await inWorkshop([], async (workshop) => {
    workshop.write(health, '// my work\n');
    const result = await workshop.run(['reset', '01']);
    expectWords(result, 'there is nobody to ask here', 'npm run reset 01 -- --yes');
    expect(result.code).toBe(64);
    expectPlain(result);
    expect(workshop.read(health)).toBe('// my work\n');
  });
});

test.concurrent('solution shows the difference, and applied it passes the first exercise', async () => {
  await inWorkshop([], async (workshop) => {
    const shown = await workshop.run(['solution', '01', '--diff']);
    expect(shown.code).toBe(0);
    expect(shown.output).not.toContain('\u001b');
    expect(shown.output).toMatch(/^\n\d+ files differ from yours:\n\n( {2}\S+ +\+\d+ +-\d+\n)+\n---/);
    expect(shown.output).toContain('--- steps/01-single-machine/stack.ts\tyours\n+++ steps/01-single-machine/stack.ts\tsolution\n@@ ');
    expect(shown.output).toContain("\n+  server.postgres({ user: 'graminsta', database: 'graminsta' });\n");

    workshop.write(health, '// my work\n');
    const applied = await workshop.run(['solution', '01', '--apply']);
    expect(applied.code).toBe(0);
    expectPlain(applied);
    expect(workshop.read(health)).toBe(workshop.read('steps/01-single-machine/solution/src/health.ts'));
    expect(workshop.read(`home/backups/${backups(workshop)[0]}/src/health.ts`)).toBe('// my work\n');

    expectWords(await workshop.run(['solution', '01', '--diff']), 'Your files are the solution already.');
    expectWords(await workshop.run(['check', '1.1']), '1 passed');
  });
});

test.concurrent('the solution of one exercise is shown by the files of that exercise, and applied by the step', async () => {
  await inWorkshop([], async (workshop) => {
    const listed = await workshop.run(['solution', '1.4']);
    expectWords(listed, 'The solution of 1.4 changes these files', 'solution/src/likes.ts', 'npm run solution 1.4 -- --diff');
    expect(listed.output).not.toContain('src/images.ts');

    const shown = await workshop.run(['solution', '1.4', '--diff']);
    expectWords(shown, 'These files have the work of 1.1, 1.3 in them as well.', '+++ steps/01-single-machine/src/likes.ts');
    expect(shown.output).not.toContain('src/images.ts');

    const applied = await workshop.run(['solution', '1.4', '--apply']);
    expect(applied).toMatchObject({ code: 64, stdout: '' });
    expectWords(applied, 'npm run solution 01 -- --apply');
  });
});

test.concurrent('a hint without a name is for the exercise to go on with', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    expectWords(await workshop.run(['hint']), '1.1 Start the machine', 'a nudge:');
    await workshop.run(['check', '1.1']);
    expectWords(await workshop.run(['hint']), '1.2 Upload and show a photo', 'a nudge:');
  });
});

test.concurrent('a hint says more each time it is asked for', async () => {
  await inWorkshop([], async (workshop) => {
    const levels = ['a nudge:', 'an idea:', 'the way:'];
    for (const asked of [1, 2, 3, 4]) {
      const result = await workshop.run(['hint', '1.1']);
      expect(result.code).toBe(0);
      expect(levels.filter((level) => result.output.includes(level))).toEqual(levels.slice(0, asked));
      expectWords(result, asked < 3 ? 'Asked again, it says more' : 'npm run solution 1.1 -- --diff');
      expectPlain(result);
      expectNothingOfOurs(result);
    }
    expect((await workshop.run(['hint', '1.2'])).output).not.toContain(levels[1]);
  });
});

test.concurrent('a solution that has no use for some files takes them away, and reset brings them back', async () => {
  await inWorkshop([], async (workshop) => {
    const step = 'steps/03-split-client';
    const listed = await workshop.run(['solution', '03']);
    expectWords(listed, 'and has no use for these of yours any more:', `${step}/src/page.ts`, `${step}/views/page.eta`);
    const shown = await workshop.run(['solution', '03', '--diff']);
    expect(shown.output).toContain(`--- ${step}/src/page.ts\tyours\n+++ ${step}/src/page.ts\tsolution\n`);

    expect((await workshop.run(['solution', '03', '--apply'])).code).toBe(0);
    expect(readdirSync(workshop.path(step))).not.toContain('views');
    expect(readdirSync(workshop.path(step, 'src'))).not.toContain('page.ts');
    expect(readdirSync(workshop.path(step))).not.toContain('.removed');
    expectWords(await workshop.run(['solution', '03', '--diff']), 'Your files are the solution already.');

    expect((await workshop.run(['reset', '03', '--yes'])).code).toBe(0);
    expect(workshop.read(`${step}/views/page.eta`)).toBe(workshop.read(`${step}/start/views/page.eta`));
    expect(workshop.read(`${step}/src/page.ts`)).toBe(workshop.read(`${step}/start/src/page.ts`));
  });
});
