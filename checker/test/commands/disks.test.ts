// A learner's disk may be full, or read-only. Nothing can be kept then, and everything else goes on.

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workshops, type Workshop } from '../workshop.ts';
import { expectNothingOfOurs, expectPlain, expectWords } from './expectations.ts';

const inWorkshop = workshops(2);
const folder = mkdtempSync(path.join(tmpdir(), 'disks-'));
const full = path.join(folder, 'full');
const readOnly = path.join(folder, 'read-only');
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mounts();

/** Disks of their own, which only root can have; elsewhere these tests are skipped. */
function mounts(): boolean {
  try {
    for (const disk of [full, readOnly]) {
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    }
    return true;
  } catch {
    return false;
  }
}

beforeAll(() => {
  if (!canMount) return;
  chmodSync(folder, 0o755);
  try {
    writeFileSync(path.join(full, 'everything'), Buffer.alloc(128 * 1024));
  } catch {
    // There is no room left, which is what was wanted.
  }
  execFileSync('mount', ['-o', 'remount,ro', readOnly]);
});
afterAll(() => {
  for (const disk of [full, readOnly]) if (canMount && existsSync(disk)) execFileSync('umount', ['-l', disk]);
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(canMount).each([
  ['full', full, 'the disk is full'],
  ['read-only', readOnly, 'the disk is read-only'],
])('with a disk that is %s', (_what, home, reason) => {
  test.concurrent('a check gives its verdict, and says why it could not be kept', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const result = await workshop.run(['check', '1.1'], { env: { GRAMINSTA_HOME: home } });
      expectWords(result, '✓ 1.1', '1 passed', `The verdicts could not be kept: ${reason}`);
      expect(result.code).toBe(0);
      expectNothingOfOurs(result);
      expectPlain(result);
    });
  });

  test.concurrent('a hint is given, with the way to the next', async () => {
    await inWorkshop([], async (workshop) => {
      const env = { GRAMINSTA_HOME: home };
      const result = await workshop.run(['hint', '1.1'], { env });
      expectWords(result, 'a nudge:', reason, 'npm run hint 1.1 -- --level 2');
      expect(result.code).toBe(0);
      expectWords(await workshop.run(['hint', '1.1', '--level', '2'], { env }), 'a nudge:', 'an idea:');
    });
  });

  test.concurrent('progress is told, and doctor says what is wrong', async () => {
    await inWorkshop([], async (workshop) => {
      const env = { GRAMINSTA_HOME: home };
      const progress = await workshop.run(['progress'], { env });
      expectWords(progress, 'Nothing has been checked so far.');
      expect(progress.code).toBe(0);
      const doctor = await workshop.run(['doctor'], { env });
      expectWords(doctor, '✗ writing');
      expect(doctor.code).toBe(2);
    });
  });

  test.concurrent('nothing is reset that cannot be kept before', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const solved = workshop.read('steps/01-single-machine/src/health.ts');
      for (const args of [['reset', '01', '--yes'], ['solution', '01', '--apply']]) {
        const result = await workshop.run(args, { env: { GRAMINSTA_HOME: home } });
        expectWords(result, 'Your files could not be backed up', reason, 'Nothing was changed.');
        expect(result.code).toBe(1);
        expectNothingOfOurs(result);
        expect(workshop.read('steps/01-single-machine/src/health.ts')).toBe(solved);
      }
    });
  });
});

test.runIf(canMount).concurrent('a disk that takes nothing of what is compiled does not stop a command', async () => {
  await inWorkshop([], async (workshop) => {
    const builds = workshop.path('node_modules/.cache/graminsta/builds');
    mkdirSync(builds, { recursive: true });
    execFileSync('mount', ['--bind', full, builds]);
    try {
      const command = workshop.start(['check', '1.1']);
      const result = await command.ended;
      expectWords(result, '✗ 1.1', 'no machine hosts a database');
      expect(result.code).toBe(1);
      expect(await command.leftBehind(0)).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', builds]);
    }
  });
});

describe('reset', () => {
  const changedStart = (workshop: Workshop): void => workshop.write('steps/01-single-machine/start/src/page.ts', '// a start that a pull brought\n');

  test.concurrent('works after commits, and after a pull that brought another start', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const git = (...args: string[]): string => execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd: workshop.folder, encoding: 'utf8' });
      git('init', '--quiet');
      git('add', 'steps');
      git('commit', '--quiet', '-m', 'My work');
      changedStart(workshop);
      const result = await workshop.run(['reset', '01', '--yes']);
      expect(result.code).toBe(0);
      expect(workshop.read('steps/01-single-machine/src/page.ts')).toBe('// a start that a pull brought\n');
      expect(workshop.read('steps/01-single-machine/stack.ts')).toBe(workshop.read('steps/01-single-machine/start/stack.ts'));
      rmSync(workshop.path('.git'), { recursive: true });
    });
  });

  test.concurrent('brings back a step whose folder was emptied', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const { step } = workshop;
      for (const part of ['src', 'views', 'public', 'stack.ts']) rmSync(workshop.path(step, part), { recursive: true });
      expect((await workshop.run(['reset', '01', '--yes'])).code).toBe(0);
      expect(workshop.read(`${step}/src/health.ts`)).toBe(workshop.read(`${step}/start/src/health.ts`));
    });
  });
});

test.concurrent('a pull that changes a check takes back what the old one passed, and says so', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    expect((await workshop.run(['check', '1.1'])).code).toBe(0);
    const declaration = 'steps/01-single-machine/step.ts';
    workshop.write(declaration, workshop.read(declaration).replace('version: 2,', 'version: 3,'));
    const result = await workshop.run(['progress']);
    expectWords(result, '· 1.1 Start the machine the check has changed since it passed', 'core 0 of 4', 'Go on with 1.1');
    expectWords(await workshop.run(['check', '1.1']), '✓ 1.1');
    expectWords(await workshop.run(['progress']), '✓ 1.1 Start the machine passed, less than a minute ago', 'Go on with 1.2');
  });
});

test.concurrent('progress that is torn, or of a newer version, does not stop a check', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    mkdirSync(workshop.home, { recursive: true });
    for (const text of ['{"format":1,"steps":{"01-s', '{"format":99,"steps":{"01-single-machine":{"likes":{"verdict":"passed","version":1,"at":"2030-01-01T00:00:00Z"}}}}']) {
      workshop.write('home/progress.json', text);
      const result = await workshop.run(['check', '1.1']);
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expectWords(await workshop.run(['progress']), '✓ 1.1');
    }
    expectWords(await workshop.run(['progress']), '✓ 1.4');
    expect(existsSync(workshop.path('home/progress.format-99.json'))).toBe(true);
    cpSync(workshop.path('home/progress.format-99.json'), workshop.path('home/progress.json'));
    expectWords(await workshop.run(['progress']), '✓ 1.4', '· 1.1');
  });
});
