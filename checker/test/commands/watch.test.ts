// `check --watch` as learners use it: they save, they press keys, and they leave.

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CheckDocument } from '../../src/run/reports/documents.ts';
import { until } from '../../src/runtime/until.ts';
import { workshops, type RunningCommand, type Workshop } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords } from './expectations.ts';

const inWorkshop = workshops(2);
const health = 'steps/01-single-machine/src/health.ts';
const page = 'steps/01-single-machine/src/page.ts';

const inATerminal = { terminal: true, env: { NO_COLOR: '1' } };

function documents(command: RunningCommand): CheckDocument[] {
  return command.output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as CheckDocument);
}

/** Waits until that many runs have come to an end. */
async function runs(command: RunningCommand, count: number): Promise<CheckDocument> {
  await command.says(new RegExp(`(\\{"document"[^\\n]*\\n[^]*){${count}}`));
  return documents(command)[count - 1]!;
}

function save(workshop: Workshop, file: string, more: string): void {
  workshop.write(file, `${workshop.read(file)}\n${more}\n`);
}

async function expectToEnd(command: RunningCommand, code: number): Promise<void> {
  expect((await command.ended).code).toBe(code);
  expect(await command.leftBehind(2_000)).toEqual([]);
}

describe('in a terminal', () => {
  test.concurrent('it begins at the first exercise not passed, goes on with n, back with b, and shows hints with h', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      await workshop.run(['check', '1.1']);
      const command = workshop.start(['check', '--watch'], inATerminal);
      await command.says('✓ 1.2  Upload and show a photo');
      await command.says('1.2 has passed. Press n for the next.');
      command.press('n');
      await command.says('1.3 has passed.');
      command.press('h');
      await command.says('a nudge:');
      command.press('h');
      await command.says('an idea:');
      command.press('b');
      await command.says(/1\.2 has passed[^]*1\.2 has passed/);
      command.press('q');
      await expectToEnd(command, 0);
      expectNothingOfOurs(await command.ended);
    });
  });

  test.concurrent('a judges all of the step, and shows the report on the first to work on', async () => {
    await inWorkshop(['solution', 'mutants/01/feed/offset'], async (workshop) => {
      const command = workshop.start(['check', '1', '--watch'], inATerminal);
      await command.says('1.1 has passed.');
      command.press('a');
      await command.says('✓ 1.6');
      await command.says(/Wrong answer[^]*\[✗ 1\.3\]/);
      const report = command.output.split('The data survives').at(-1)!;
      expect(report).toContain('look in');
      command.press('\u0003');
      await expectToEnd(command, 130);
    });
  });

  test.concurrent('Ctrl-C in the middle of a run stops the machines', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.4', '--watch'], inATerminal);
      await command.judge();
      await command.family.untilRuns('src/server.js');
      command.press('\u0003');
      const { output } = await command.ended;
      expect(output).toContain('Stopping the machines.');
      await expectToEnd(command, 130);
    });
  });
});

describe('a save', () => {
  test.concurrent('is judged again: a mistake is told, and so is its end', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.1', '--watch']);
      await command.says('✓ 1.1');
      const right = workshop.read(health);
      workshop.write(health, right.replace("res.json({ status: 'alive' });", "res.json({ status: 'alive' );"));
      await command.says('It did not start');
      workshop.write(health, right);
      await command.says(/It did not start[^]*✓ 1\.1/);
      command.signal('SIGINT');
      const result = await command.ended;
      expectWords(result, 'src/health.ts was saved.', 'steps/01-single-machine/src/health.ts:13');
      expectNothingOfOurs(result);
      expectPlain(result);
      await expectToEnd(command, 130);
    });
  });

  test.concurrent('in the middle of a run abandons it: only the new one comes to an end', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.4', '--watch', '--json']);
      await runs(command, 1);
      const before = command.family.running('src/server.js');
      save(workshop, page, '// once');
      await command.family.untilRuns('src/server.js', before);
      save(workshop, page, '// and once more');
      expect(await runs(command, 2)).toMatchObject({ exercises: [{ slug: 'likes', verdict: 'passed' }], interrupted: false });
      save(workshop, page, '// and at last');
      await runs(command, 3);
      expect(documents(command)).toHaveLength(3);
      command.signal('SIGINT');
      await expectToEnd(command, 130);
    });
  });

  test.concurrent('abandons an exercise at whichever accident it comes, and nothing of it goes on', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.6', '--watch', '--json']);
      await runs(command, 1);
      for (let moment = 0; moment < 12; moment += 1) {
        save(workshop, page, `// ${moment}`);
        // The accidents of 1.6 come one after the other for about a second: kills, starts, a full disk.
        await pause(150 + 90 * moment);
      }
      await command.says(/"slug":"data-survives"[^\n]*\n$/);
      save(workshop, page, '// at last');
      const count = documents(command).length;
      const last = await runs(command, count + 1);
      expect(last).toMatchObject({ exercises: [{ slug: 'data-survives' }] });
      expect(documents(command).map(({ summary }) => summary.faults)).toEqual(documents(command).map(() => 0));
      // What is warm is one Postgres; a stack that an abandoned check had started would be another.
      const servers = (): number => command.family.alive().filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('bin/postgres\0-D')).length;
      if (process.platform === 'linux') await until('the machines of abandoned runs to be gone', () => servers() <= 1, { timeoutMs: 10_000 });
      command.signal('SIGINT');
      await expectToEnd(command, 130);
    });
  });

  test.concurrent('by an editor that writes another file and renames it is a save', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.5', '--watch', '--json']);
      await runs(command, 1);
      workshop.write(`${page}.tmp`, `${workshop.read(page)}\nthrow new Error('The page is torn.');\n`);
      renameSync(workshop.path(`${page}.tmp`), workshop.path(page));
      const document = await runs(command, 2);
      expect(JSON.stringify(document)).toContain('The page is torn.');
      command.signal('SIGINT');
      await expectToEnd(command, 130);
    });
  });

  test.concurrent('of a thousand files, as by a branch switch, is judged once', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.5', '--watch']);
      await command.says('✓ 1.5');
      const folder = workshop.path('steps/01-single-machine/src/more');
      mkdirSync(folder);
      for (let file = 0; file < 1_000; file += 1) writeFileSync(`${folder}/${file}.ts`, 'export {};\n');
      await command.says(/were saved[^]*✓ 1\.5/);
      save(workshop, page, '// once more');
      await command.says(/page\.ts was saved[^]*✓ 1\.5/);
      // A slow computer may hear of the last of them late.
      expect(command.output.match(/more files were saved/g)?.length).toBeLessThanOrEqual(2);
      command.signal('SIGINT');
      await expectToEnd(command, 130);
    });
  });

  test.concurrent('of a file that is not the learner\'s changes nothing', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '1.5', '--watch', '--json']);
      await runs(command, 1);
      save(workshop, 'steps/01-single-machine/README.md', 'A note.');
      save(workshop, 'steps/01-single-machine/solution/src/page.ts', '// A note.');
      save(workshop, page, '// mine');
      await runs(command, 2);
      save(workshop, page, '// mine again');
      await runs(command, 3);
      expect(documents(command)).toHaveLength(3);
      command.signal('SIGINT');
      await expectToEnd(command, 130);
    });
  });
});

test.concurrent('however often a file is saved, the disks of earlier runs are gone', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const command = workshop.start(['check', '1.5', '--watch', '--json']);
    for (let run = 1; run <= 5; run += 1) {
      await runs(command, run);
      save(workshop, page, `// ${run}`);
    }
    await runs(command, 6);
    const kept = (): number => command.family.folders().flatMap((folder) => readdirSync(folder)).length;
    // What is prepared of the files, and the machines that are warm.
    await until('the disks of earlier runs to go', () => kept() <= 3, { timeoutMs: 5_000 });
    command.signal('SIGINT');
    await expectToEnd(command, 130);
  });
});

test.concurrent('a judge that breaks down is the fault of the checker, and the next save has a new one', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const command = workshop.start(['check', '1.4', '--watch', '--json']);
    await runs(command, 1);
    const before = command.family.running('src/server.js');
    save(workshop, page, '// once');
    await command.family.untilRuns('src/server.js', before);
    command.kill(await command.judge());
    expect(await runs(command, 2)).toMatchObject({ summary: { faults: 1 } });
    save(workshop, page, '// once more');
    expect(await runs(command, 3)).toMatchObject({ exercises: [{ slug: 'likes' }], summary: { faults: 0 } });
    command.signal('SIGINT');
    await expectToEnd(command, 130);
  });
});

test.concurrent('kill -9 leaves nothing running, while it judges and while it waits', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    const waiting = workshop.start(['check', '1.5', '--watch', '--json']);
    await runs(waiting, 1);
    await waiting.family.untilRuns('bin/postgres');
    waiting.kill();
    expect(await waiting.leftBehind(2_000)).toEqual([]);
    const judging = workshop.start(['check', '1.4', '--watch']);
    await judging.judge();
    await judging.family.untilRuns('src/server.js');
    judging.kill();
    expect(await judging.leftBehind(2_000)).toEqual([]);
    expectWords(await workshop.run(['check', '1.5']), '1 passed');
  });
});

test.concurrent('all at once is a key while watching, and no option', async () => {
  await inWorkshop([], async (workshop) => {
    const result = await workshop.run(['check', '--watch', '--all']);
    expect(result).toMatchObject({ code: 64, stdout: '' });
    expectWords(result, 'the key a checks all of them');
  });
});

test.concurrent('a JUnit report is of one run, so it is not written while watching', async () => {
  await inWorkshop([], async (workshop) => {
    const result = await workshop.run(['check', '--watch', '--junit', 'report.xml']);
    expect(result).toMatchObject({ code: 64, stdout: '' });
    expectWords(result, 'leave out --watch or --junit');
  });
});
