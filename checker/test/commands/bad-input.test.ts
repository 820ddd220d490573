// Mistakes that everybody makes, in stack.ts and in the app. Each overlay in test/bad-input is one of them, laid over
// the solution of step 1.

import { describe, expect, test } from 'vitest';
import { workshops } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords, untilJudged } from './expectations.ts';

interface Mistake {
  /** The end of the sentence "a check fails for …". */
  name: string;
  overlay: string;
  says: (string | RegExp)[];
  /** 1.1 unless it is said. */
  exercise?: string;
}

/** What is known at once. */
const quick: Mistake[] = [
  {
    name: 'a syntax error in stack.ts, with its line',
    overlay: 'syntax-error-in-stack',
    says: ['It did not start', 'steps/01-single-machine/stack.ts:4', 'Expected ")" but found ";"', "const server = machine('server';"],
  },
  {
    name: 'an error thrown in stack.ts, with its line',
    overlay: 'throw-in-stack',
    says: ['steps/01-single-machine/stack.ts:8', 'Error: The plans are not finished.'],
  },
  {
    name: 'a syntax error in the app, with its line',
    overlay: 'syntax-error-in-app',
    says: ['It did not start', 'steps/01-single-machine/src/health.ts:6', 'Expected "}" but found ")"', "res.json({ status: 'alive' );"],
  },
  {
    name: "an error thrown while the app is imported, with its line and the app's own frames",
    overlay: 'throw-in-app',
    says: [
      'It did not start, on machine server',
      'ended with exit code 1 instead of listening on its PORT',
      'look in steps/01-single-machine/src/health.ts:7',
      '│ Error: The photo shop is closed.',
      '│ at openTheShop (src/health.ts:7:9)',
      '│ at <anonymous> (src/health.ts:10:1)',
    ],
  },
  {
    name: 'an app that exits at once',
    overlay: 'exits-at-once',
    says: ['It did not start, on machine server', 'ended with exit code 0 instead of listening', '│ That is all for today.'],
  },
  {
    name: 'an app that listens on another port, and names that port',
    overlay: 'other-port',
    says: ['It did not start, on machine server', /it listens on port \d+, and its PORT is \d+/, 'process.env.PORT'],
  },
  {
    name: 'a stack.ts that ends the process',
    overlay: 'exit-in-stack',
    says: ['stack.ts ended the process itself (exit code 0)', 'It should describe machines and return.'],
  },
  {
    name: 'a stack.ts that ends the process with a code',
    overlay: 'exit-code-in-stack',
    says: ['stack.ts ended the process itself (exit code 4)'],
  },
  {
    name: 'a stack.ts without a default export, and says what to write',
    overlay: 'no-default-export',
    says: ['stack.ts does not export a stack', 'export default defineStack('],
  },
  {
    name: 'a fixed machine that is missing, and points to the one that is probably meant',
    overlay: 'fixed-machine-missing',
    says: ['This step needs a machine named "server"', 'stack.ts describes "sever". Is "sever" meant to be it?'],
  },
  {
    name: 'two machines of one name, and says what to write',
    overlay: 'two-machines-of-one-name',
    says: ['Two machines are named "server".', "const server = machine('server')"],
  },
  {
    name: 'a reference that a service does not have, with the nearest',
    overlay: 'unknown-reference',
    says: ['There is no "uri" of postgres on machine "server".', 'did you mean "url"?'],
  },
  {
    name: 'the address of a machine, which only its services have',
    overlay: 'url-of-machine',
    says: ['There is no "url" of machine "server". Addresses belong to services', 'use its .url'],
  },
  {
    name: 'an option that is not known, with the nearest',
    overlay: 'unknown-option',
    says: ['postgres on machine "server": there is no option "databse"; did you mean "database"?'],
  },
  {
    name: 'an entry file that is not there',
    overlay: 'entry-file-missing',
    says: ['machine "server" run src/serve.ts, and there is no such file in this step'],
  },
  {
    name: 'an app that eats memory, which is ended before the computer suffers',
    overlay: 'eats-memory',
    says: ['No answer', /src\/server\.ts on server used more than \d+ MB of memory and was ended/],
  },
  {
    name: 'an answer of 1 GB',
    overlay: 'answers-1-gb',
    says: ['Wrong answer', 'GET /livez → more than 64 MB, and still no end'],
  },
  {
    name: 'an answer that is not JSON, with its beginning',
    overlay: 'answers-no-json',
    exercise: '1.3',
    says: ['Wrong answer, on machine server', 'GET /api/photos?limit=12 → <!doctype html><h1>Photos</h1>', '{ photos: [...], next }'],
  },
  {
    name: 'an entrance of another name than the step needs',
    overlay: 'unknown-entrance',
    says: ['come in by the entrance "api"', '{ api: server }'],
  },
];

/** What is known only after the checker's patience is at its end: ten seconds each, so these wait together. */
const slow: Mistake[] = [
  {
    name: 'an app that never listens, after ten seconds',
    overlay: 'never-listens',
    says: ['It did not start, on machine server', /nothing listens on its PORT \(\d+\) after 10 s/, '│ I only watch.'],
  },
  {
    name: 'an app that ignores SIGTERM, after ten seconds',
    overlay: 'ignores-sigterm',
    says: ['It did not survive, on machine server', 'the app still ran after 10 s and had to be killed', '│ I will not go.'],
  },
  {
    name: 'a handler that never answers, after ten seconds',
    overlay: 'hangs-in-handler',
    says: ['No answer', 'GET /livez → no answer within 10.0 s', '│ Somebody asks whether I live.'],
  },
  {
    name: 'an answer that has no end, after ten seconds',
    overlay: 'endless-answer',
    says: ['No answer', 'GET /livez → an answer that had not come to its end after 10.0 s', '│ I have a lot to say.'],
  },
  {
    name: 'a stack.ts that never ends, after ten seconds',
    overlay: 'endless-stack',
    says: ['stack.ts did not come to an end within 10 s'],
  },
];

describe('a check fails for', () => {
  for (const [mistakes, atOnce] of [[slow, slow.length], [quick, 2]] as const) {
    const inWorkshop = workshops(atOnce);
    test.concurrent.each(mistakes)('$name', async ({ overlay, says, exercise = '1.1' }) => {
      await inWorkshop(['solution', `bad-input/${overlay}`], async (workshop) => {
        const { result, command } = await untilJudged(workshop, ['check', exercise]);
        expectWords(result, `✗ ${exercise}`, ...says, '0 passed, 1 failed');
        expect(result.code).toBe(1);
        expectNothingOfOurs(result);
        expectPlain(result);
        expect(await command.leftBehind(0)).toEqual([]);
      });
    });
  }
});

describe('a check passes, and leaves nothing behind, with', () => {
  const inWorkshop = workshops(2);
  test.concurrent.each([
    ['an app that prints 100 MB', 'prints-100-mb'],
    ['an app whose children detach and go on by themselves', 'forks-children'],
  ])('%s', async (_what, overlay) => {
    await inWorkshop(['solution', `bad-input/${overlay}`], async (workshop) => {
      const { result, command } = await untilJudged(workshop, ['check', '1.1']);
      expectWords(result, '✓ 1.1', '1 passed');
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(await command.leftBehind(0)).toEqual([]);
    });
  });
});
