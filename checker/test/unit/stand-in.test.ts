// A program of the checker's own in the place of a machine's front service, and how much memory a real one beside it uses.

import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Ports, prepareStepFiles, RunDirectory, RunningStack, until, type StandIn } from '../../src/runtime/index.ts';
import { defineStack } from '../../src/stack/index.ts';
import { root } from '../all/paths.ts';
import { temporaryFolder } from './temporary.ts';

const mebibyte = 1024 * 1024;

/** Says who it is, passes on what the API says, and keeps as much memory as it is told to. */
const app = `
import http from 'node:http';
const { HOST, PORT, MACHINE_NAME, API_URL = '' } = process.env;
const kept = [];
const answers = {
  '/grow': () => String(kept.push(Buffer.alloc(80 * ${mebibyte}, 1))),
  '/ask': () => fetch(API_URL + '/name').then((answer) => answer.text()),
};
http.createServer(async (request, response) => {
  try {
    response.end(await (answers[request.url] ?? (() => MACHINE_NAME))());
  } catch (error) {
    response.writeHead(502).end(String(error.cause?.code ?? error));
  }
}).listen(Number(PORT), HOST);
`;
const description = defineStack(({ machine }) => {
  const [lb, api] = [machine('lb'), machine('api').node('src/app.ts')];
  lb.node('src/app.ts', { API_URL: api.url });
  return { web: lb, api: lb };
});

let directory: RunDirectory;
let ports: Ports;
let stack: RunningStack | undefined;

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
});
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
});
afterAll(async () => {
  await directory.remove();
  await ports.release();
});

async function start(standIns: Record<string, StandIn>): Promise<RunningStack> {
  const step = temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/app.ts': app });
  symlinkSync(path.join(root, 'node_modules'), path.join(step, 'node_modules'));
  const files = await prepareStepFiles(step, description, path.join(await directory.forStack(), 'files'));
  stack = await RunningStack.start(description, { files, stackFolder: await directory.forStack(), run: directory, ports, standIns });
  return stack;
}

async function ask(running: RunningStack, what: string, machine = 'lb'): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${running.wireOfPeople(machine).port}${what}`, { headers: { connection: 'close' } });
  return answer.text();
}

test('a stand-in is reached as the machine in whose place it is, by others and by people, over their wires', async () => {
  const asked: string[] = [];
  const running = await start({ api: { http: (request, response) => void response.end(`a stand-in, asked for ${asked.push(request.url ?? '')}`) } });
  expect(await ask(running, '/ask')).toBe('a stand-in, asked for 1');
  expect(await ask(running, '/name', 'api')).toBe('a stand-in, asked for 2');
  expect(asked).toEqual(['/name', '/name']);
  expect(running.wire('lb', 'api').seen().connections).toHaveLength(1);
  expect(await ask(running, '/')).toBe('lb');
});

test('a stand-in is killed and started like any machine, and cannot be paused', async () => {
  let hangs = 0;
  const running = await start({
    api: {
      http: (request, response) => {
        if (request.url === '/hang') hangs += 1;
        else response.end('here');
      },
    },
  });
  const api = running.machine('api');
  expect(api.running).toBe(true);
  await expect(api.pause()).rejects.toThrow('a stand-in of the checker cannot be paused');
  const hanging = ask(running, '/hang', 'api').catch(() => 'broken off');
  await until('it to be asked', () => hangs > 0, { timeoutMs: 2_000 });
  await api.kill();
  expect(await hanging).toBe('broken off');
  expect(api.running).toBe(false);
  expect(await ask(running, '/ask')).toBe('ECONNREFUSED');
  await api.start();
  expect(await ask(running, '/ask')).toBe('here');
  expect(await api.restart()).toEqual([]);
  expect(await ask(running, '/ask')).toBe('here');
});

test('a stand-in may speak no HTTP at all', async () => {
  const running = await start({ api: { tcp: (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly that')) } });
  expect(await ask(running, '/ask')).toBe('UND_ERR_SOCKET');
});

test('a machine tells how much memory it uses, and one with a stand-in uses none', async () => {
  const running = await start({ api: { http: (_request, response) => void response.end() } });
  const before = running.machine('lb').memoryBytes();
  expect(before).toBeGreaterThan(5 * mebibyte);
  expect(before).toBeLessThan(200 * mebibyte);
  await ask(running, '/grow');
  const grown = running.machine('lb').memoryBytes() - before;
  expect(grown).toBeGreaterThan(70 * mebibyte);
  expect(grown).toBeLessThan(110 * mebibyte);
  expect(running.machine('api').memoryBytes()).toBe(0);
  await running.machine('lb').kill();
  expect(running.machine('lb').memoryBytes()).toBe(0);
});
