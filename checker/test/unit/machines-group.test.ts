// A group of machines, and a disk that several of them mount.

import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Ports, prepareStepFiles, RunDirectory, RunningStack } from '../../src/runtime/index.ts';
import { defineStack } from '../../src/stack/index.ts';
import { temporaryFolder } from './temporary.ts';

const app = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
const { HOST, PORT, MACHINE_NAME, SHARED, DATA_DIR } = process.env;
http.createServer((request, response) => {
  const name = (request.url ?? '').slice(1);
  const file = name.startsWith('own') ? \`\${DATA_DIR}/\${name}\` : \`\${SHARED}/\${name}\`;
  if (request.method === 'PUT') writeFileSync(file, MACHINE_NAME ?? '');
  response.end(existsSync(file) ? readFileSync(file) : 'nothing');
}).listen(Number(PORT), HOST);
`;

const description = defineStack(({ machine, machines, volume }) => {
  const images = volume('images');
  const apis = machines('api', 3).node('src/app.ts', { SHARED: images.path });
  const lb = machine('lb');
  lb.node('src/app.ts', { SHARED: '.', UPSTREAMS: apis.urls });
  return { api: lb };
});

let directory: RunDirectory;
let ports: Ports;
let stack: RunningStack;

beforeAll(async () => {
  const step = temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/app.ts': app });
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
  const files = await prepareStepFiles(step, description, path.join(directory.path, 'files'));
  stack = await RunningStack.start(description, { files, stackFolder: await directory.forStack(), run: directory, ports });
}, 30_000);
afterAll(async () => {
  await stack.stop();
  await directory.remove();
  await ports.release();
});

async function ask(machine: string, method: string, file: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${stack.wireOfPeople(machine).port}/${file}`, { method })).text();
}

test('what one machine writes to a volume, each that mounts it reads; what is on its own disk, none', async () => {
  await ask('api-1', 'PUT', 'picture');
  await ask('api-1', 'PUT', 'own-note');
  expect(await Promise.all(['api-1', 'api-2', 'api-3', 'lb'].map((machine) => ask(machine, 'GET', 'picture')))).toEqual(['api-1', 'api-1', 'api-1', 'nothing']);
  expect(await Promise.all(['api-1', 'api-2'].map((machine) => ask(machine, 'GET', 'own-note')))).toEqual(['api-1', 'nothing']);
});

test('a volume outlives the loss of a machine that mounts it; the disk of that machine does not', async () => {
  await ask('api-2', 'PUT', 'kept');
  await ask('api-2', 'PUT', 'own-lost');
  await stack.machine('api-2').replace();
  expect(await ask('api-2', 'GET', 'kept')).toBe('api-2');
  expect(await ask('api-2', 'GET', 'own-lost')).toBe('nothing');
});

test('each machine of a group has a wire of its own from whoever knows them', () => {
  const targets = ['api-1', 'api-2', 'api-3'].map((machine) => stack.wire('lb', machine).port);
  expect(new Set(targets).size).toBe(3);
});
