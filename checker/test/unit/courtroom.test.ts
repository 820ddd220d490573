// What becomes of a check that is abandoned: nobody after it may have to wait for it.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { Courtroom } from '../../src/run/courtroom.ts';
import { pause, until } from '../../src/runtime/until.ts';
import type { Check } from '../../src/check/exercise.ts';
import { stepsInRepository } from '../tools/steps.ts';

const [place] = await stepsInRepository();
const subject = { step: place!.step, stepFolder: place!.folder };
const exercise = place!.step.exercises[0]!;
let room: Courtroom;

beforeAll(async () => {
  room = await Courtroom.open();
});
afterAll(() => room.close());

function judge(check: Check, signal?: AbortSignal): ReturnType<Courtroom['judge']> {
  return room.judge(subject, exercise, check, { asItIs: true, ...(signal && { signal }) });
}

test('the next section whose time is judged has its turn, although that of an abandoned check never ends', async () => {
  const abandon = new AbortController();
  let isTimed = false;
  const abandoned = judge(({ timed }) => timed(() => new Promise<void>(() => (isTimed = true))), abandon.signal);
  await until('the section to begin', () => isTimed, { timeoutMs: 10_000 });
  abandon.abort();
  expect(await abandoned).toMatchObject({ verdict: 'not run', reason: 'Interrupted.' });
  expect(await judge(({ timed }) => timed(() => Promise.resolve()))).toMatchObject({ verdict: 'passed' });
});

test('a check that was abandoned before it began never begins', async () => {
  let hasBegun = false;
  const outcome = await judge(() => Promise.resolve(void (hasBegun = true)), AbortSignal.abort());
  expect(outcome).toMatchObject({ verdict: 'not run' });
  expect(hasBegun).toBe(false);
});

test('a check that puts a stand-in in the place of a program gets it, although machines were started ahead without', async () => {
  await room.judge(subject, exercise, async ({ start }) => void (await start({ unready: true })), { asItIs: true, another: true });
  const seen: string[] = [];
  const outcome = await judge(async ({ start }) => {
    const app = await start({ standIns: { server: { http: (_request, response) => void response.end('a stand-in') } }, unready: true });
    seen.push((await app.visitor().feed()).body.toString());
  });
  expect(outcome).toMatchObject({ verdict: 'passed' });
  expect(seen).toEqual(['a stand-in']);
});

test('the crowd of a check that is over comes no more', async () => {
  const own = await Courtroom.open();
  let came = 0;
  const outcome = await own.judge(subject, exercise, async ({ start }) => {
    const app = await start({ standIns: { server: { http: (_request, response) => void response.end() } }, unready: true });
    app.crowd({
      perSecond: 100,
      does: (who) => {
        came += 1;
        return who.feed();
      },
    });
    await until('somebody to come', () => came > 2, { timeoutMs: 5_000 });
    throw new Error('a mistake');
  }, { asItIs: true });
  expect(outcome).toMatchObject({ verdict: 'fault' });
  await own.close();
  const then = came;
  await pause(60);
  expect(came).toBe(then);
});
