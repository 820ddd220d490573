import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Progress } from '../../src/run/kept/progress.ts';
import { workshops } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords } from './expectations.ts';

const inWorkshop = workshops(2);
const startTheMachine = 'steps/01-single-machine/check/start-the-machine.check.ts';

test.concurrent('the start state of step 1 fails at 1.1, and what builds on it is not run', async () => {
  await inWorkshop([], async (workshop) => {
    const command = workshop.start(['check', '01']);
    const result = await command.ended;
    expectWords(result, '✗ 1.1', '○ 1.2', '○ 1.6', '0 passed, 1 failed, 5 not run');
    expect(result.code).toBe(1);
    expectNothingOfOurs(result);
    expectPlain(result);
    expect(await command.leftBehind(0)).toEqual([]);
  });
});

test.concurrent('the solution of step 1 passes, and the progress says so', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const command = workshop.start(['check', '01']);
    const result = await command.ended;
    expectWords(result, '6 passed. Step 1 is done.');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expectNothingOfOurs(result);
    expectPlain(result);
    expect(await command.leftBehind(0)).toEqual([]);
    const { steps } = JSON.parse(workshop.read('home/progress.json')) as { steps: Progress };
    expect(Object.values(steps['01-single-machine'] ?? {}).map(({ verdict }) => verdict)).toEqual(Array.from({ length: 6 }, () => 'passed'));
  });
});

test.concurrent('one exercise is checked alone when it is named, and the next is named after it', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const result = await workshop.run(['check', '1.2']);
    expectWords(result, '✓ 1.2', '1 passed. Next: npm run check 1.3');
    expect(result.output).not.toMatch(/^ *\S 1\.[13456] /m);
    expect(result.code).toBe(0);
  });
});

test.concurrent('two checks at once are both right, and both are in the progress', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const results = await Promise.all(['1.1', '1.4'].map((exercise) => workshop.run(['check', exercise])));
    for (const result of results) {
      expectWords(result, '1 passed');
      expect(result).toMatchObject({ code: 0, stderr: '' });
    }
    const { steps } = JSON.parse(workshop.read('home/progress.json')) as { steps: Progress };
    expect(steps['01-single-machine']).toMatchObject({ 'start-the-machine': { verdict: 'passed' }, likes: { verdict: 'passed' } });
  });
});

test.concurrent('what cannot be judged on this computer is not run, with what to do about it, and exits with 2', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    workshop.write(
      startTheMachine,
      `import { exercise, NotRun } from 'checker/check';
       export default exercise(async () => {
         throw new NotRun('There is no tide on this computer.', 'Move it closer to the sea.');
       });`,
    );
    const result = await workshop.run(['check', '1.1']);
    expectWords(result, '○ 1.1 Start the machine', 'There is no tide on this computer.', 'Move it closer to the sea.', '0 passed, 1 not run');
    expect(result.code).toBe(2);
  });
});

test.concurrent("a mistake of the checker is called the checker's, and exits with 3", async () => {
  await inWorkshop(['solution'], async (workshop) => {
    workshop.write(
      startTheMachine,
      `import { exercise } from 'checker/check';
       export default exercise(async ({ start }) => {
         const app = await start();
         (app as unknown as { fly(): void }).fly();
       });`,
    );
    const command = workshop.start(['check', '1.1']);
    const result = await command.ended;
    expectWords(result, '! 1.1', 'The checker made a mistake, not you.', 'TypeError: app.fly is not a function', 'start-the-machine.check');
    expect(result.code).toBe(3);
    expect(await command.leftBehind(0)).toEqual([]);
    expect(existsSync(workshop.path('home/progress.json'))).toBe(false);
  });
});

describe('bad usage exits with 64 and says what is meant, for', () => {
  test.concurrent.each([
    ['an exercise that does not exist', ['check', '1.9'], 'There is no exercise "1.9"; did you mean "1.1"?'],
    ['a step that does not exist', ['check', '01-single-machin'], 'There is no step or exercise "01-single-machin"; did you mean "01-single-machine"?'],
    ['a slug that does not exist', ['check', 'lieks'], 'There is no step or exercise "lieks"; did you mean "likes"?'],
    ['a word that is like nothing', ['check', 'marmalade-and-toast'], 'There is no step or exercise "marmalade-and-toast". Steps are 01-single-machine,'],
    ['an exercise where a step is wanted', ['up', '1.2'], 'up takes a whole step: npm run up 01'],
    ['a step where an exercise is wanted', ['hint', '1'], 'Hints are for one exercise: npm run hint 1.1'],
    ['a command that is not known', ['chek'], /Unknown command 'chek' \(Did you mean check\?\)/i],
    ['an option that is not known', ['check', '01', '--al'], /Unknown option '--al' \(Did you mean --all\?\)/i],
    ['too many words', ['check', '1.1', '1.2'], /Too many arguments/i],
  ] satisfies [string, string[], string | RegExp][])('%s', async (_what, args, says) => {
    await inWorkshop([], async (workshop) => {
      const result = await workshop.run(args);
      expectWords(result, says);
      expect(result).toMatchObject({ code: 64, stdout: '' });
      expectNothingOfOurs(result);
      expectPlain(result);
    });
  });
});

test.concurrent('colours are for terminals, and for those who ask for them', async () => {
  await inWorkshop([], async (workshop) => {
    const [forced, refused] = await Promise.all([
      workshop.run(['hint', '1.1'], { env: { FORCE_COLOR: '1' } }),
      workshop.run(['hint', '1.2'], { env: { NO_COLOR: '1' } }),
    ]);
    expect(forced.output).toContain('\u001b[');
    expectPlain(refused);
  });
});

test.concurrent('a check that is missing is a fault of ours, told at once, and the exercises before it are judged', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    workshop.takeAway('steps/01-single-machine/check/upload-and-show.check.ts');
    const command = workshop.start(['check', '01', '--all']);
    const result = await command.ended;
    expectWords(result, '✓ 1.1', '! 1.2', 'The checker made a mistake, not you.');
    expect(result.code).toBe(3);
    expect(await command.leftBehind(5_000)).toEqual([]);
  });
});
