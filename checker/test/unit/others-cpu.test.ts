import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { busyTicks, OthersCpu, shareOfOthers } from '../../src/runtime/others-cpu.ts';

test('all that a processor does counts as busy, but for waiting and idling', () => {
  expect(busyTicks('cpu  10 20 30 4000 500 6 7 8 90 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n')).toBe(81);
});

describe('the share of others', () => {
  const sample = (atMs: number, busy: number, ours: Record<number, number>): Parameters<typeof shareOfOthers>[0] => ({ atMs, busy, ours: new Map(Object.entries(ours).map(([pid, ticks]) => [Number(pid), ticks])) });

  test.each<[string, number, Record<number, number>, number]>([
    ['nobody does anything', 0, { 7: 50 }, 0],
    ['all is ours', 200, { 7: 250 }, 0],
    ['half of it is ours', 200, { 7: 150 }, 0.5],
    ['others have all', 200, { 7: 50 }, 1],
    ['one of ours is new', 200, { 7: 50, 8: 100 }, 0.5],
    ['one of ours is gone', 100, {}, 0.5],
    ['ticks were counted a little late', 190, { 7: 250 }, 0],
  ])('when %s', (_when, busy, ours, share) => {
    expect(shareOfOthers(sample(0, 1_000, { 7: 50 }), sample(1_000, 1_000 + busy, ours), 2)).toBeCloseTo(share);
  });
});

describe.runIf(existsSync('/proc/stat'))('on this computer', () => {
  const spinning: ChildProcess[] = [];
  /** One for each processor. */
  const spin = (): void => {
    spinning.push(...cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })));
  };
  const shareIn = async (others: OthersCpu): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    return others.share(2_200);
  };
  afterEach(() => {
    for (const child of spinning.splice(0)) child.kill('SIGKILL');
  });

  test('what others use is told, and what hangs below us is not', async () => {
    const [strangers, family] = [new OthersCpu(() => []), new OthersCpu()];
    spin();
    const [told, ours] = await Promise.all([shareIn(strangers), shareIn(family)]);
    expect(told).toBeGreaterThan(0.9);
    // Something else may run beside this.
    expect(ours).toBeLessThan(told - 0.25);
    strangers.close();
    family.close();
  });
});
