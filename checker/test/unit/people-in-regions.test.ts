// People in regions: by which entrance they come in, and how far it is to each address that the app tells them.

import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { App } from '../../src/check/app.ts';
import type { Answer } from '../../src/check/answer.ts';
import type { User } from '../../src/check/user.ts';
import { Ports, prepareStepFiles, RunDirectory, RunningStack, type StandIn, type StepFiles } from '../../src/runtime/index.ts';
import type { StackDescription } from '../../src/stack/description.ts';
import { defineStack } from '../../src/stack/index.ts';
import { temporaryFolder } from './temporary.ts';

const world = defineStack(({ machine }) => {
  const [api, us, ap] = [machine('api'), machine('edge-us'), machine('edge-ap', { region: 'ap' })];
  for (const one of [api, us, ap]) one.node('src/app.ts');
  return { web: { us, ap }, api };
});
const town = defineStack(({ machine }) => {
  const [api, client] = [machine('api'), machine('client')];
  for (const one of [api, client]) one.node('src/app.ts');
  return { web: client, api };
});

/** More than any round trip within a region takes on a busy computer, and less than one between the two of this world. */
const farMs = 150;

let directory: RunDirectory;
let ports: Ports;
let files: StepFiles;
let app: App;

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
  files = await prepareStepFiles(temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/app.ts': '' }), world, path.join(directory.path, 'files'));
  app = await start(world);
});
afterAll(async () => {
  await app.close();
  await app.stack.stop();
  await directory.remove();
  await ports.release();
});

/** Each machine answers with the address that was asked for. */
async function start(description: StackDescription): Promise<App> {
  const standInOf = (name: string): StandIn => ({
    http: ({ headers }, response) => void response.writeHead(201, { 'X-Served-By': name }).end(`http://${headers.host}`),
  });
  const standIns = Object.fromEntries(description.machines.map(({ name }) => [name, standInOf(name)]));
  return new App(await RunningStack.start(description, { files, stackFolder: await directory.forStack(), run: directory, ports, standIns }));
}

/** Who answered, by which address, and whether it came from far away. The connection is there already. */
async function seen(ask: () => Promise<Answer>): Promise<{ machine: string | undefined; address: string; isFar: boolean }> {
  await ask();
  const answer = await ask();
  return { machine: answer.machine, address: answer.body.toString(), isFar: answer.ms > farMs };
}

async function expectTheWaysOf(user: User, edge: string, farFrom: readonly string[]): Promise<void> {
  const { stack } = app;
  const of = (machine: string): object => ({ machine, address: stack.publicUrl(machine), isFar: farFrom.includes(machine) });
  expect(await seen(() => user.feed())).toEqual(of('api'));
  expect(await seen(() => user.image('/images/1'))).toEqual(of(edge));
  for (const machine of ['api', 'edge-us', 'edge-ap']) expect(await seen(() => user.image(`${stack.publicUrl(machine)}/images/1`))).toEqual(of(machine));
}

test('people in another region come in by its entrances, and all that the app gave an address of is as far away as it is', async () => {
  await expectTheWaysOf(app.visitorIn('ap'), 'edge-ap', ['api', 'edge-us']);
  await expectTheWaysOf(await app.member('ada', { region: 'ap' }), 'edge-ap', ['api', 'edge-us']);
  const [fan] = await app.members('fan', 1, { region: 'ap' });
  expect(await seen(() => fan!.image('/images/1'))).toMatchObject({ machine: 'edge-ap', isFar: false });
});

test('people who say no region are in us', async () => {
  for (const user of [app.visitor(), app.visitorIn('us'), await app.member('grace')]) await expectTheWaysOf(user, 'edge-us', ['edge-ap']);
});

test('people in a region may go to a machine past every entrance', async () => {
  const address = app.stack.publicUrl('edge-us');
  expect(await seen(() => app.visitorIn('ap', 'eve', 'edge-us').feed())).toEqual({ machine: 'edge-us', address, isFar: true });
  expect(await seen(() => app.visitor('eve', 'edge-us').feed())).toEqual({ machine: 'edge-us', address, isFar: false });
});

test('nobody comes in where no machine is, and that is told', async () => {
  expect(() => app.visitorIn('eu')).toThrow('There are no people in eu: no machine of this stack is in that region.');
});

test('in a stack of one region every address is its own way', async () => {
  const small = await start(town);
  try {
    const { stack } = small;
    expect([...stack.publicWays()]).toEqual(['api', 'client'].map((name) => [stack.publicUrl(name), stack.entrance(name === 'api' ? 'api' : 'web').url]));
    const ada = await small.member('ada');
    expect(await seen(() => ada.feed())).toEqual({ machine: 'api', address: stack.entrance('api').url, isFar: false });
    expect(await seen(() => ada.image('/images/1'))).toEqual({ machine: 'client', address: stack.entrance('web').url, isFar: false });
  } finally {
    await small.close();
    await small.stack.stop();
  }
});
