// However a check ends, nothing of it stays: Ctrl-C once and twice, and kill -9 at moments spread over a whole run.

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { workshops } from '../workshop.ts';
import { expectWords } from './expectations.ts';

const inWorkshop = workshops(3);
const withinMs = 2_000;

describe('Ctrl-C', () => {
  test.concurrent.each([
    ['pressed in a terminal, which tells every process of the command', 'terminal'],
    ['sent to the command alone', 'command'],
  ] as const)('once, %s, stops the machines', async (_how, to) => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '01']);
      await command.says('✓ 1.1');
      if (to === 'terminal') command.interrupt();
      else command.signal('SIGINT');
      const result = await command.ended;
      expectWords(result, 'Stopping the machines. Ctrl-C again leaves at once.');
      expect(result.output).not.toMatch(/[✗!○]|passed/);
      expect(result.output).not.toContain('node_modules');
      expect(result.code).toBe(130);
      expect(await command.leftBehind(withinMs)).toEqual([]);
    });
  });

  test.concurrent('before anything has begun ends it as well', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '01']);
      await command.says('Step 1');
      command.interrupt();
      expect((await command.ended).code).toBe(130);
      expect(await command.leftBehind(withinMs)).toEqual([]);
    });
  });

  test.concurrent.each([
    ['while machines run', '1.1', 'solution'],
    ['while stack.ts does not come to an end', '1.1', 'bad-input/endless-stack'],
    ['while an app does not listen', '1.1', 'bad-input/never-listens'],
  ])('twice leaves at once, %s', async (_when, exercise, overlay) => {
    await inWorkshop(['solution', overlay], async (workshop) => {
      const command = workshop.start(['check', exercise]);
      await command.judge();
      await pause(700);
      command.signal('SIGINT');
      await command.says('Stopping the machines.');
      command.signal('SIGINT');
      const pressedAt = performance.now();
      expect((await command.ended).code).toBe(130);
      expect(performance.now() - pressedAt).toBeLessThan(500);
      expect(await command.leftBehind(withinMs)).toEqual([]);
    });
  });
});

describe('kill -9 leaves nothing running, no folder and no shared memory, and the next check works', () => {
  const moments = [0.1, 0.3, 0.6, 1, 1.5, 2, 2.6, 3.3, 4.2, 5.5];
  test.concurrent.each(moments.map((seconds, index) => ({ seconds, victim: index % 2 === 0 ? 'command' : 'judging process' })))(
    'of the $victim after $seconds s',
    async ({ seconds, victim }) => {
      await inWorkshop(['solution'], async (workshop) => {
        const command = workshop.start(['check', '01']);
        await pause(seconds * 1_000);
        command.kill(victim === 'command' ? undefined : await command.judge());
        expect(await command.leftBehind(withinMs)).toEqual([]);
        if (victim !== 'command') expect((await command.ended).code).toBe(3);
        expectWords(await workshop.run(['check', '1.1']), '1 passed');
      });
    },
  );

  test.concurrent('of npm, which started it', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '01'], { npm: true });
      await command.says('✓ 1.1');
      command.kill();
      expect(await command.leftBehind(withinMs)).toEqual([]);
      expectWords(await workshop.run(['check', '1.1']), '1 passed');
    });
  });

  test.concurrent('of the command while stack.ts does not come to an end', async () => {
    await inWorkshop(['solution', 'bad-input/endless-stack'], async (workshop) => {
      const command = workshop.start(['check', '1.1']);
      await command.judge();
      await command.family.untilRuns('stack.mjs');
      command.kill();
      expect(await command.leftBehind(withinMs)).toEqual([]);
    });
  });
});
