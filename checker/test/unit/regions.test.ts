// Distance: what the table says of it, and that wires and people have it.

import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ports, prepareStepFiles, RunDirectory, RunningStack, until, type StandIn, type StepFiles } from '../../src/runtime/index.ts';
import { distanceMs } from '../../src/runtime/regions.ts';
import { regions, type StackDescription } from '../../src/stack/description.ts';
import { defineStack } from '../../src/stack/index.ts';
import { temporaryFolder } from './temporary.ts';

/** Edges in three regions that know an origin, as in step 5; one of them knows another. */
const world = defineStack(({ machine }) => {
  const origin = machine('origin').node('src/app.ts');
  const [us, eu, ap] = regions.map((region) => machine(`edge-${region}`, { region }));
  const ofAp = ap!.node('src/app.ts', { ORIGIN: origin.url });
  us!.node('src/app.ts', { ORIGIN: origin.url });
  eu!.node('src/app.ts', { ORIGIN: origin.url, NEIGHBOUR: ofAp.url });
  return { web: { us: us!, eu: eu!, ap: ap! } };
});
const town = defineStack(({ machine }) => {
  const db = machine('db').node('src/app.ts');
  const server = machine('server');
  server.node('src/app.ts', { DB: db.url });
  return { web: server };
});

const echo: StandIn = { tcp: (socket) => socket.pipe(socket) };

let directory: RunDirectory;
let ports: Ports;
let files: StepFiles;

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
  files = await prepareStepFiles(temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/app.ts': '' }), world, path.join(directory.path, 'files'));
});
afterAll(async () => {
  await directory.remove();
  await ports.release();
});

async function withStack(description: StackDescription, use: (stack: RunningStack) => Promise<void>): Promise<void> {
  const standIns = Object.fromEntries(description.machines.map(({ name }) => [name, echo]));
  const stack = await RunningStack.start(description, { files, stackFolder: await directory.forStack(), run: directory, ports, standIns });
  try {
    await use(stack);
  } finally {
    await stack.stop();
  }
}

/** Milliseconds until an echo comes back over a connection that is new: one round trip to connect, and one for the word. */
function echoMs(port: number): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' }, () => socket.write('word'));
    socket.once('data', () => {
      resolve(performance.now() - startedAt);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** Timers of Node.js and of a wire are early by up to a millisecond. */
const earlyMs = 4;

async function expectRoundTrip(port: number, ms: number): Promise<void> {
  expect(await echoMs(port)).toBeGreaterThan(2 * ms - earlyMs);
  // A computer that is busy makes single ones late, and not all of them.
  await until(`two round trips of ${ms} ms`, async () => (await echoMs(port)) < 2 * ms + 75, { timeoutMs: 10_000 });
}

test('is as the round trips between the regions are', () => {
  const roundTrips = regions.map((from) => regions.map((to) => 2 * distanceMs(from, to)));
  expect(regions).toEqual(['us', 'eu', 'ap']);
  expect(roundTrips).toEqual([
    [2, 80, 160],
    [80, 2, 220],
    [160, 220, 2],
  ]);
});

describe('a stack in several regions', () => {
  test('has it on the wires between its machines', () =>
    withStack(world, async (stack) => {
      const portOf = (consumer: string, provider: string): number => stack.wire(consumer, provider).port;
      await Promise.all([
        expectRoundTrip(portOf('edge-us', 'origin'), 2),
        expectRoundTrip(portOf('edge-eu', 'origin'), 80),
        expectRoundTrip(portOf('edge-ap', 'origin'), 160),
        expectRoundTrip(portOf('edge-eu', 'edge-ap'), 220),
      ]);
    }));

  test('has it between people and machines, wherever they come in', () =>
    withStack(world, async (stack) => {
      await Promise.all([
        ...regions.map((region) => expectRoundTrip(stack.entrance('web', region).port, 2)),
        expectRoundTrip(stack.wireOfPeople('origin', 'us').port, 2),
        expectRoundTrip(stack.wireOfPeople('origin', 'ap').port, 160),
        expectRoundTrip(stack.wireOfPeople('edge-ap', 'eu').port, 220),
      ]);
      expect(stack.entranceMachine('web', 'ap')).toBe('edge-ap');
    }));

  test('keeps it when a wire is healed, and adds a delay to it', () =>
    withStack(world, async (stack) => {
      const wire = stack.wire('edge-eu', 'origin');
      wire.delay(40);
      await expectRoundTrip(wire.port, 160);
      await stack.heal();
      await expectRoundTrip(wire.port, 80);
    }));
});

test('is none in a stack of one region', () =>
  withStack(town, async (stack) => {
    for (const port of [stack.wire('server', 'db').port, stack.entrance('web').port]) {
      await until('an echo at once', async () => (await echoMs(port)) < 2, { timeoutMs: 10_000, everyMs: 1 });
    }
  }));
