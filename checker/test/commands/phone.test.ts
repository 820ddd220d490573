// The phone of step 3: a client in the terminal, against a stub of the API, and once against the step itself.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRoot } from '../all/paths.ts';
import { temporaryFolder } from '../unit/temporary.ts';
import { workshops } from '../workshop.ts';
import { stubApi, type StubApi, type StubOptions } from './stub-api.ts';
import { layFiles } from '../../src/run/overlay.ts';

const inWorkshop = workshops(1);
const picture = inRoot('checker/fixtures/images/small.png');
const password = 'a password for ada';

interface Called {
  stdout: string;
  stderr: string;
  code: number | null;
}

let home: string;
let api: StubApi;

beforeEach(async () => {
  home = temporaryFolder();
  api = await stubApi();
});
afterEach(() => api.close());

/** Calls the phone; what is given as `input` is piped in. Without an `address` it looks for the stack that runs. */
function phone(args: readonly string[], { env = {}, input = '', address = api.url }: { env?: Record<string, string>; input?: string; address?: string | null } = {}): Promise<Called> {
  const child = spawn(process.execPath, ['--import', 'tsx', inRoot('steps/03-split-client/phone/phone.ts'), ...args], {
    cwd: inRoot(),
    env: { PATH: process.env['PATH'] ?? '', GRAMINSTA_HOME: home, ...(address !== null && { GRAMINSTA_API: address }), ...env },
  });
  const called: Called = { stdout: '', stderr: '', code: null };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (called.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (called.stderr += text));
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...called, code })));
}

/** An API of another kind in the place of the usual one. */
async function useApi(options: StubOptions): Promise<void> {
  await api.close();
  api = await stubApi(options);
}

test('somebody signs up, shares a photo, likes it, and deletes it', async () => {
  expect(await phone(['sign-up', 'ada'], { input: `${password}\n` })).toEqual({ stdout: 'ada is logged in.\n', stderr: '', code: 0 });
  expect((await phone(['me'])).stdout).toBe('ada\n');

  const shown = `    1  ada: By the sea  ♥ 0\n       ${api.url}/images/1\n`;
  expect(await phone(['upload', picture, 'By the sea'])).toEqual({ stdout: shown, stderr: '', code: 0 });
  expect((await phone(['feed'])).stdout).toBe(shown);
  expect((await phone(['like', '1'])).stdout).toBe('♥ 1\n');
  expect((await phone(['unlike', '1'])).stdout).toBe('♥ 0\n');
  expect((await phone(['delete', '1'])).stdout).toBe('Deleted.\n');
  expect((await phone(['feed'])).stdout).toBe('No photos yet.\n');
});

test('the password comes from an option, from the environment or from what is piped in, and never as part of the output', async () => {
  await phone(['sign-up', 'ada', '--password', password]);
  for (const called of [
    await phone(['log-in', 'ada', '--password', password]),
    await phone(['log-in', 'ada'], { env: { GRAMINSTA_PASSWORD: password } }),
    await phone(['log-in', 'ada'], { input: password }),
  ]) {
    expect(called.code).toBe(0);
    expect(called.stdout + called.stderr).not.toContain(password);
  }
  expect(await phone(['log-in', 'ada', '--password', 'another one'])).toEqual({ stdout: '', stderr: '401: Name or password is wrong.\n', code: 1 });
});

test('the token is kept for its owner alone, is sent with each call, and is gone after logging out', async () => {
  await phone(['sign-up', 'ada', '--password', password]);
  expect(statSync(path.join(home, 'phone.json')).mode & 0o777).toBe(0o600);
  await phone(['me']);
  expect(api.asked.at(-1)).toEqual({ call: 'GET /api/me', token: 'token-of-ada-1' });
  expect((await phone(['log-out'])).stdout).toBe('Logged out.\n');
  await phone(['feed']);
  expect(api.asked.at(-1)).toEqual({ call: 'GET /api/photos', token: undefined });
});

test('a token is for the API that gave it', async () => {
  await phone(['sign-up', 'ada', '--password', password]);
  const other = await stubApi();
  await phone(['feed', '--api', other.url]);
  expect(other.asked).toEqual([{ call: 'GET /api/photos', token: undefined }]);
  await other.close();
});

test('where there is storage, the bytes of a photo go there, with no token', async () => {
  await useApi({ storage: true });
  await phone(['sign-up', 'ada', '--password', password]);
  expect(await phone(['upload', picture, 'By the sea'])).toEqual({ stdout: 'upload1  ada: By the sea  ♥ 0\n       /images/upload1\n', stderr: '', code: 0 });
  const token = 'token-of-ada-1';
  expect(api.asked.slice(1)).toEqual([
    { call: 'POST /api/uploads', token },
    { call: 'PUT /images/upload1', token: undefined },
    { call: 'POST /api/photos', token },
  ]);
  const image = await fetch(`${api.url}/images/upload1`);
  expect(image.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await image.arrayBuffer()).equals(readFileSync(picture))).toBe(true);
  expect(await phone(['upload', inRoot('package.json')])).toMatchObject({ stderr: '415: This is no image.\n', code: 1 });
});

test('a position is sent back with the next call, also after an error, and is gone with the session', async () => {
  await useApi({ tellsPosition: true });
  await phone(['sign-up', 'ada', '--password', password]);
  for (const args of [['feed'], ['like', '7'], ['me'], ['log-out'], ['feed']]) await phone(args);
  expect(api.positions).toEqual([undefined, '1', '2', '3', '4', undefined]);
  expect(statSync(path.join(home, 'phone-positions.json')).mode & 0o777).toBe(0o600);
  const other = await stubApi();
  await phone(['feed', '--api', other.url]);
  expect(other.positions).toEqual([undefined]);
  await other.close();
});

test('older photos are a call away', async () => {
  await useApi({ pageSize: 1 });
  await phone(['sign-up', 'ada', '--password', password]);
  await phone(['upload', picture, 'First']);
  await phone(['upload', picture, 'Second']);
  const { stdout } = await phone(['feed']);
  expect(stdout).toContain('Second');
  expect(stdout).toContain('Older ones: npm run phone -- feed --before 2\n');
  expect((await phone(['feed', '--before', '2'])).stdout).toContain('First');
});

test('what people write cannot command the terminal', async () => {
  api.photos.push({ id: '1', username: 'eve', caption: 'red \u001b[31m\nline', imageUrl: '/images/1', likes: 0, createdAt: '2026-01-01T00:00:00Z' });
  expect((await phone(['feed'])).stdout).toBe('    1  eve: red  [31m line  ♥ 0\n       /images/1\n');
});

test('what cannot be done is said in a sentence, with exit code 1', async () => {
  const says = async (args: readonly string[], words: string, address?: string | null): Promise<void> =>
    expect(await phone(args, address === undefined ? {} : { address })).toEqual({ stdout: '', stderr: `${words}\n`, code: 1 });

  await says(['me'], '401: Log in first.');
  await phone(['sign-up', 'ada', '--password', password]);
  await says(['sign-up', 'ada', '--password', password], '409: This name is taken.');
  await says(['like', '7'], '404: There is no such photo.');
  await says(['upload', '/no/such/photo.jpg'], '/no/such/photo.jpg cannot be read. Is that its name?');
  await says(['feed', '--api', 'photos'], 'photos is no address. It looks like this: http://127.0.0.1:20317');
  await says(['feed'], 'No stack is running. Start one in another terminal, with npm run up 03, or say --api and an address.', null);

  const { url } = api;
  await useApi({});
  await says(['feed', '--api', url], `The API at ${url} cannot be reached. Does it run, and is that its address?`);
});

test('how long to wait is said in seconds, however the API words it', async () => {
  const saysOf = async (retryAfter: string): Promise<string> => {
    await useApi({ refuses: { status: 429, retryAfter } });
    return (await phone(['feed'])).stderr;
  };
  expect(await saysOf('7')).toBe('429: Not now. Try again in 7 s.\n');
  expect(await saysOf(new Date(Date.now() + 60_000).toUTCString())).toMatch(/^429: Not now\. Try again in [3-6]\d s\.\n$/);
  expect(await saysOf('Wed, 21 Oct 2015 07:28:00 GMT')).toBe('429: Not now. Try again now.\n');
  expect(await saysOf('later')).toBe('429: Not now.\n');
});

test('a token that does not count any more is told of, with what to do', async () => {
  await phone(['sign-up', 'ada', '--password', password]);
  writeFileSync(path.join(home, 'phone.json'), JSON.stringify({ [api.url]: 'a token of yesterday' }));
  expect((await phone(['me'])).stderr).toBe('401: Log in first. Log in again: npm run phone -- log-in <name>\n');
  expect((await phone(['log-in', 'ada', '--password', 'another one'])).stderr).toBe('401: Name or password is wrong.\n');
  expect((await phone(['log-in', 'ada', '--password', password])).code).toBe(0);
  expect((await phone(['me'])).stdout).toBe('ada\n');
});

test('of several stacks the phone takes the one that was started last and still runs', async () => {
  const folder = path.join(home, 'entrances');
  mkdirSync(folder);
  const others = [await stubApi(), await stubApi()];
  const sleepers = others.map(() => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }));
  const fileOf = (index: number): string => path.join(folder, `${sleepers[index]?.pid ?? 0}.json`);
  const endOf = (index: number): Promise<void> =>
    new Promise((resolve) => {
      sleepers[index]?.once('exit', () => resolve());
      sleepers[index]?.kill('SIGKILL');
    });
  others.forEach(({ url }, index) => writeFileSync(fileOf(index), JSON.stringify({ step: 3, startedAt: `2026-01-0${index + 1}T00:00:00.000Z`, entrances: { api: url } })));
  try {
    await phone(['feed'], { address: null });
    expect(others.map(({ asked }) => asked.length)).toEqual([0, 1]);
    await endOf(1);
    await phone(['feed'], { address: null });
    expect(others.map(({ asked }) => asked.length)).toEqual([1, 1]);
    expect([0, 1].map((index) => existsSync(fileOf(index)))).toEqual([true, false]);
  } finally {
    await endOf(0);
    await Promise.all(others.map((other) => other.close()));
  }
  expect((await phone(['feed'], { address: null })).stderr).toContain('No stack is running.');
});

test('an API that begins a session and gives no token is told of', async () => {
  await useApi({ tokens: false });
  const { stderr, code } = await phone(['sign-up', 'ada', '--password', password]);
  expect(stderr).toBe('The API let ada in and gave no token. A phone has nothing else to show next time: see exercise 3.4.\n');
  expect(code).toBe(1);
});

test('a command that does not exist, or lacks its argument, ends with exit code 64', async () => {
  for (const args of [['fed'], ['like'], ['feed', '--after', '1']]) expect((await phone(args)).code, args.join(' ')).toBe(64);
  expect((await phone(['fed'])).stderr).toContain('(Did you mean feed?)');
  expect((await phone(['--help'])).code).toBe(0);
});

test('the phone finds the stack that runs, whatever else ran, and says so when it has ended', async () => {
  await inWorkshop(['solution'], async (workshop) => {
    layFiles(inRoot('steps/03-split-client/solution'), workshop.path('steps/03-split-client'));
    home = workshop.home;
    const found = { address: null };
    const up = workshop.start(['up', '03']);
    await up.says('Ctrl-C stops it.');
    expect(await phone(['sign-up', 'ada', '--password', password], found)).toMatchObject({ stdout: 'ada is logged in.\n', stderr: '' });
    expect((await phone(['upload', picture, 'By the sea'], found)).code).toBe(0);
    expect(await phone(['upload', inRoot('package.json')], found)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^415: /) as string });
    const { stdout } = await phone(['feed'], found);
    expect(stdout).toContain('By the sea');
    const [, id = ''] = /^ *(\d+) {2}ada/m.exec(stdout) ?? [];
    expect((await phone(['like', id], found)).stdout).toBe('♥ 1\n');
    expect((await phone(['log-out'], found)).code).toBe(0);
    const later = workshop.start(['up', '01']);
    await later.says('Ctrl-C stops it.');
    expect(readdirSync(path.join(home, 'entrances'))).toHaveLength(2);
    later.interrupt();
    await later.ended;
    expect((await phone(['feed'], found)).code).toBe(0);
    up.interrupt();
    await up.ended;
    expect((await phone(['feed'], found)).stderr).toContain('No stack is running.');
  });
});
