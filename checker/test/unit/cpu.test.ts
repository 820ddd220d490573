// The time that processes have used of a processor.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { cpuMsOf, msOfTime } from '../../src/runtime/cpu.ts';
import { until } from '../../src/runtime/until.ts';

/** Works for so long, says so, and then does nothing. */
const worksFor = (ms: number): string =>
  `const begun = process.cpuUsage(); while (process.cpuUsage(begun).user < ${ms * 1_000}); console.log('done'); setInterval(() => {}, 1000);`;

test('counts what a process has done, and not how long it has been there', async () => {
  const worker = spawn(process.execPath, ['-e', worksFor(400)], { stdio: ['ignore', 'pipe', 'ignore'] });
  const idler = spawn(process.execPath, ['-e', worksFor(0)], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await Promise.all([worker, idler].map((child) => once(child.stdout, 'data')));
    const [worked, idled] = [worker, idler].map(({ pid }) => cpuMsOf([pid!]));
    expect(worked! - idled!).toBeGreaterThan(250);
    expect(cpuMsOf([worker.pid!, idler.pid!])).toBeGreaterThanOrEqual(worked! + idled!);
  } finally {
    worker.kill('SIGKILL');
    idler.kill('SIGKILL');
  }
});

test.runIf(process.platform === 'linux')('counts what children did that are gone', async () => {
  const before = cpuMsOf([process.pid]);
  spawnSync(process.execPath, ['-e', worksFor(300).replace(/setInterval.*/, '')]);
  await until('the child to be counted', async () => cpuMsOf([process.pid]) - before >= 280, { timeoutMs: 5_000 });
});

test('of a process that is gone, nothing is known', async () => {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await once(child, 'exit');
  expect(cpuMsOf([child.pid!])).toBe(0);
  expect(cpuMsOf([])).toBe(0);
});

test.each([
  ['0:00.35', 350],
  ['1:02.50', 62_500],
  ['00:01:02', 62_000],
  ['2-03:00:01', 183_601_000],
  [' 10:00.00', 600_000],
])('the time of ps, %j, is %i ms', (time, ms) => {
  expect(msOfTime(time)).toBe(ms);
});
