// Balancers as they are when something is wrong with them: each is one overlay in test/bad-input, laid over the solution of
// step 4. A check names the machine, says what was seen, and does not wait for ever.

import { describe, expect, test } from 'vitest';
import { workshops } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords, untilJudged } from './expectations.ts';

interface Mistake {
  /** The end of the sentence "a check fails for a balancer that …". */
  name: string;
  overlay: string;
  says: (string | RegExp)[];
}

/** What is known at once. */
const quick: Mistake[] = [
  {
    name: 'is its own upstream',
    overlay: 'balancer-loops',
    says: ['The machines are not as this step needs them, on machine lb', 'no wire from lb to api-1, nor to api-2, nor to api-3', 'UPSTREAMS is apis.urls'],
  },
  {
    name: 'answers in the place of the machines',
    overlay: 'balancer-answers-itself',
    says: ['Wrong answer, on machine lb', 'GET /api/photos → 200, without X-Served-By', 'as the machine sent it'],
  },
  {
    name: 'hands on no Content-Type',
    overlay: 'balancer-strips-content-type',
    says: ['Wrong answer, on machine lb', 'at api-1 itself, and all was well; then Bea signed up at the entrance api', 'POST /api/users → 400', 'as past lb', 'Content-Type'],
  },
  {
    name: 'hands on no Authorization',
    overlay: 'balancer-strips-authorization',
    says: ['Wrong answer, on machine lb', 'at the entrance api, until api-1 answered', 'POST /api/photos → 401', 'as past lb', 'Authorization'],
  },
  {
    name: 'hands on no query',
    overlay: 'balancer-forgets-the-query',
    says: ['Wrong answer, on machine lb', 'GET /api/photos?limit=1 → 2 photos', 'whatever follows the ? is part of the question'],
  },
  {
    name: 'dies',
    overlay: 'balancer-dies',
    says: [
      'No answer, on machine lb',
      /src\/balancer\.ts on lb had ended by itself \(exit code 1\)/,
      '│ Error: The second guest is one too many.',
      /src\/balancer\.ts:\d+/,
    ],
  },
];

/** What is known only after the checker's patience is at its end: ten seconds each, so these wait together. */
const slow: Mistake[] = [
  {
    name: 'closes connections in the middle of a body',
    overlay: 'balancer-breaks-off',
    says: ['No answer, on machine lb', 'api-1, api-2, api-3 said 200 at /readyz', 'GET /readyz → connection closed without a whole answer'],
  },
  {
    name: 'keeps for itself what it collects',
    overlay: 'balancer-buffers-for-ever',
    says: ['No answer, on machine lb', 'api-1, api-2, api-3 said 200 at /readyz', 'GET /readyz → no answer within'],
  },
  {
    name: 'has the list of machines of yesterday',
    overlay: 'balancer-stale-list',
    says: ['on machine lb', 'api-1, api-2, api-3 said 200 at /readyz', 'GET /readyz → 502', '200 within 10 s'],
  },
];

describe('a check fails for a balancer that', () => {
  for (const [mistakes, atOnce] of [[slow, slow.length], [quick, 1]] as const) {
    const inWorkshop = workshops(atOnce, 'steps/04-load-balancer');
    test.concurrent.each(mistakes)('$name', async ({ overlay, says }) => {
      await inWorkshop(['solution', `bad-input/${overlay}`], async (workshop) => {
        const { result, command } = await untilJudged(workshop, ['check', '4.1']);
        expectWords(result, '✗ 4.1', ...says, '0 passed, 1 failed');
        expect(result.code).toBe(1);
        expect(result.ms).toBeLessThan(30_000);
        expectNothingOfOurs(result);
        expectPlain(result);
        expect(await command.leftBehind(0)).toEqual([]);
      });
    });
  }
});
