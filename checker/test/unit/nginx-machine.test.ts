// Machines that run nginx, or any program with a configuration file, for real.

import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MissingProgram, Ports, prepareStepFiles, RunDirectory, RunningStack, StartFailure, until } from '../../src/runtime/index.ts';
import { find } from '../../src/runtime/programs.ts';
import { knowsWhereToComplain } from '../../src/runtime/services/nginx.ts';
import { defineStack } from '../../src/stack/index.ts';
import type { StackDescription } from '../../src/stack/description.ts';
import { root } from '../all/paths.ts';
import { temporaryFolder } from './temporary.ts';

const api = `
import http from 'node:http';
const { HOST, PORT, MACHINE_NAME } = process.env;
http.createServer((request, response) => setTimeout(() => response.end(MACHINE_NAME), request.url === '/slow' ? 600 : 0)).listen(Number(PORT), HOST);
`;
const balancer = [
  'upstream apis {',
  '  ${SERVERS}',
  '}',
  'server {',
  '  listen ${HOST}:${PORT};',
  '  location = /name { return 200 "${MACHINE_NAME} $uri ${request_method}"; }',
  '  location / { proxy_pass http://apis; }',
  '}',
].join('\n');
const greeter = `
import http from 'node:http';
http.createServer((_request, response) => response.end('\${GREETING}')).listen(Number('\${PORT}'), '\${HOST}');
`;

const servers = (addresses: readonly string[]): string => addresses.map((address) => `server ${address};`).join(' ');
const balanced = defineStack(({ machine, machines }) => {
  const lb = machine('lb');
  const apis = machines('api', 3).node('src/api.ts');
  lb.nginx('nginx.conf', { SERVERS: servers(apis.addresses) });
  return { web: lb, api: lb };
});

let directory: RunDirectory;
let ports: Ports;
let running: RunningStack | undefined;

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(async () => {
  await directory.remove();
  await ports.release();
});

async function start(description: StackDescription, files: Record<string, string>): Promise<RunningStack> {
  const step = temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/api.ts': api, ...files });
  symlinkSync(path.join(root, 'node_modules'), path.join(step, 'node_modules'));
  const prepared = await prepareStepFiles(step, description, path.join(await directory.forStack(), 'files'));
  running = await RunningStack.start(description, { files: prepared, stackFolder: await directory.forStack(), run: directory, ports });
  return running;
}

async function ask(stack: RunningStack, where = '/'): Promise<string> {
  const response = await fetch(`${stack.entrance('web').url}${where}`, { headers: { connection: 'close' } });
  return response.text();
}

/** The machines that answer twelve requests. */
async function answering(stack: RunningStack): Promise<Set<string>> {
  const answers = new Set<string>();
  for (let request = 0; request < 12; request += 1) answers.add(await ask(stack));
  return answers;
}

describe.runIf(await find(['nginx', '/usr/sbin/nginx', '/opt/homebrew/bin/nginx']))('an nginx', () => {
  test('balances over the wires to the machines that it knows, and keeps its own variables', async () => {
    const stack = await start(balanced, { 'nginx.conf': balancer });
    expect(await answering(stack)).toEqual(new Set(['api-1', 'api-2', 'api-3']));
    expect(stack.wire('lb', 'api-2').seen().connections.length).toBeGreaterThan(0);
    expect(await ask(stack, '/name')).toBe('lb /name GET');
  });

  test('goes on without a machine that is dead, and is there again after it was killed itself', async () => {
    const stack = await start(balanced, { 'nginx.conf': balancer });
    await stack.machine('api-1').kill();
    expect(await answering(stack)).toEqual(new Set(['api-2', 'api-3']));
    await stack.machine('lb').kill();
    await expect(ask(stack)).rejects.toThrow();
    await stack.machine('lb').start();
    expect(await answering(stack)).toEqual(new Set(['api-2', 'api-3']));
  });

  test('finishes what it serves when it is deployed', async () => {
    const stack = await start(balanced, { 'nginx.conf': balancer });
    const slow = ask(stack, '/slow');
    await until('the request to be on its way', () => ['api-1', 'api-2', 'api-3'].some((name) => stack.wire('lb', name).seen().connections.length > 0), { timeoutMs: 2_000 });
    expect(await stack.machine('lb').restart()).toEqual([]);
    expect(await slow).toMatch(/^api-\d$/);
    expect(await ask(stack)).toMatch(/^api-\d$/);
  });

  test('that does not understand its file is told of by the line of the file', async () => {
    const failure = await start(balanced, { 'nginx.conf': balancer.replace('proxy_pass', 'proxy_past') }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartFailure);
    expect((failure as StartFailure).message).toMatch(/^nginx \(nginx\.conf\) on lb was started, and it ended with exit code 1/);
    expect((failure as StartFailure).log.tail().join('\n')).toMatch(/unknown directive "proxy_past" in nginx\.conf:7/);
  });

  test('that listens elsewhere is told where to listen', async () => {
    const [elsewhere] = [await ports.take()];
    const failure = await start(balanced, { 'nginx.conf': balancer.replace('${PORT}', String(elsewhere)) }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ problem: 'other port' });
    expect((failure as StartFailure).message).toContain('listen ${HOST}:${PORT};');
  });

  test('keeps answers on the disk of its machine, as much as the variable says, and still has them after it was killed', async () => {
    const edge = defineStack(({ machine }) => {
      const origin = machine('origin').node('src/api.ts');
      const server = machine('edge');
      server.nginx('edge.conf', { ORIGIN: origin.address, CACHE_BYTES: 1_000_000 });
      return { web: server };
    });
    const keeping = [
      'proxy_cache_path ${DATA_DIR}/cache keys_zone=answers:1m max_size=${CACHE_BYTES};',
      'server {',
      '  listen ${HOST}:${PORT};',
      '  location / { proxy_pass http://${ORIGIN}; proxy_cache answers; proxy_cache_valid 10m; }',
      '}',
    ].join('\n');
    const stack = await start(edge, { 'edge.conf': keeping });
    expect(await ask(stack)).toBe('origin');
    await stack.machine('origin').kill();
    expect(await ask(stack)).toBe('origin');
    await stack.machine('edge').kill();
    await stack.machine('edge').start();
    expect(await ask(stack)).toBe('origin');
  });
});

test('any program with a configuration file can be a machine', async () => {
  const description = defineStack(({ machine }) => {
    const server = machine('server');
    server.program(`${process.execPath} {config}`, 'greeter.mjs', { GREETING: 'good morning' });
    return { web: server };
  });
  const stack = await start(description, { 'greeter.mjs': greeter });
  expect(await ask(stack)).toBe('good morning');
  await stack.machine('server').restart();
  expect(await ask(stack)).toBe('good morning');
});

test('a program may be told on its command line what its file does not say', async () => {
  const description = defineStack(({ machine }) => {
    const server = machine('server');
    server.program([process.execPath, '{config}', '${HOST}:${PORT} ${NOTHING}'], 'words.mjs');
    return { web: server };
  });
  const words = 'import http from "node:http"; http.createServer((_request, response) => response.end(process.argv[2])).listen(process.env.PORT, process.env.HOST);';
  const stack = await start(description, { 'words.mjs': words });
  expect(await ask(stack)).toMatch(/^127\.0\.0\.1:\d+ \$\{NOTHING\}$/);
});

test('a program that is not installed is nobody\'s mistake, and the way to add it is named', async () => {
  const description = defineStack(({ machine }) => {
    const server = machine('server');
    server.program('no-such-balancer -f {config}', 'greeter.mjs');
    return { web: server };
  });
  const error = await start(description, { 'greeter.mjs': greeter }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MissingProgram);
  expect(error).toMatchObject({ message: 'Machine "server" runs no-such-balancer, which is not installed on this computer.', remedy: expect.stringContaining('no-such-balancer') as string });
});

test('a configuration file that is not there is told of before anything starts', async () => {
  await expect(start(balanced, {})).rejects.toThrow('stack.ts has machine "lb" run nginx.conf, and there is no such file in this step.');
});

test.each([
  ['nginx version: nginx/1.18.0 (Ubuntu)', false],
  ['nginx version: nginx/1.19.4', false],
  ['nginx version: nginx/1.19.5', true],
  ['nginx version: nginx/1.22.1', true],
  ['nginx version: nginx/2.0.0', true],
  ['nginx version: openresty/1.21.4.1', false],
])('it is told where to complain only if it understands that: %s', (version, understands) => {
  expect(knowsWhereToComplain(version)).toBe(understands);
});
