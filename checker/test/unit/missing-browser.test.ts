// Exercises that are judged in a browser, on computers without one.

import { chmodSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { mostWithin } from '../../src/check/browser/pace.ts';
import { Courtroom } from '../../src/run/courtroom.ts';
import type { Outcome } from '../../src/run/outcome.ts';
import { stepsInRepository } from '../tools/steps.ts';
import { temporaryFolder } from './temporary.ts';

const [place] = await stepsInRepository();
const subject = { step: place!.step, stepFolder: place!.folder };
let room: Courtroom;

beforeAll(async () => {
  room = await Courtroom.open();
});
afterAll(() => room.close());
afterEach(() => vi.unstubAllEnvs());

function opensABrowser(): Promise<Outcome> {
  return room.judge(
    subject,
    place!.step.exercises[0]!,
    async ({ start, openBrowser }) => {
      const app = await start({ standIns: { server: { http: (_request, response) => void response.end() } }, unready: true });
      await openBrowser(app);
    },
    { asItIs: true },
  );
}

test('an exercise that needs a browser is not run where none is installed, and says how to add one', async () => {
  // On a Mac a browser is found without PATH.
  if (process.platform === 'darwin') return;
  vi.stubEnv('PATH', temporaryFolder());
  expect(await opensABrowser()).toMatchObject({
    verdict: 'not run',
    reason: 'This exercise is judged in a browser, Chromium, which is not installed on this computer.',
    remedy: "install it with your system's package manager",
  });
});

test('a browser that is named and not there is told by its name', async () => {
  vi.stubEnv('GRAMINSTA_BROWSER', '/no/such/browser');
  expect(await opensABrowser()).toMatchObject({ verdict: 'not run', reason: 'GRAMINSTA_BROWSER is /no/such/browser, and there is no such program.' });
});

test('a browser that does not start makes the exercise not run, with the last that it said', async () => {
  const file = path.join(temporaryFolder({ browser: '#!/bin/sh\necho "no screen found" >&2\nexit 3\n' }), 'browser');
  chmodSync(file, 0o755);
  vi.stubEnv('GRAMINSTA_BROWSER', file);
  expect(await opensABrowser()).toMatchObject({ verdict: 'not run', reason: `The browser ${file} does not start: no screen found` });
});

test('the pace of requests is the most that fell into any stretch of time', () => {
  const at = (...times: number[]): { at: number }[] => times.map((time) => ({ at: time }));
  expect(mostWithin([], 1_000)).toBe(0);
  expect(mostWithin(at(0, 900, 1_000, 1_800, 1_900), 1_000)).toBe(3);
  expect(mostWithin(at(0, 1_000, 2_000), 1_000)).toBe(1);
});
