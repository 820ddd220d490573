// A machine of a size, for real: how much of a CPU its programs get.

import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BusyMeter } from '../../src/check/busy.ts';
import { OthersCpu, Ports, prepareStepFiles, RunDirectory, RunningStack } from '../../src/runtime/index.ts';
import { defineStack } from '../../src/stack/index.ts';
import { resizeMachine } from '../../src/stack/rearrange.ts';
import { temporaryFolder } from './temporary.ts';

/** Works in pieces of a millisecond for as long as it is told to, and says how much of a CPU that took. */
const app = `
import http from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { pbkdf2 } from 'node:crypto';
const { HOST, PORT } = process.env;
const cpu = () => Object.values(process.cpuUsage()).reduce((sum, each) => sum + each / 1000, 0);
const busy = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
const ways = {
  loop: async () => { busy(1); await setImmediate(); },
  pool: () => new Promise((resolve) => pbkdf2('a', 'b', 20000, 32, 'sha256', resolve)),
};
http.createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://here');
  const [startedAt, before] = [performance.now(), cpu()];
  while (performance.now() - startedAt < Number(searchParams.get('ms'))) await ways[pathname.slice(1)]();
  response.end(String((cpu() - before) / (performance.now() - startedAt)));
}).listen(Number(PORT), HOST);
busy(300);
`;
const description = defineStack(({ machine }) => {
  machine('small', { size: 0.2 }).node('src/app.ts');
  machine('larger').node('src/app.ts');
  return {};
});

let directory: RunDirectory;
let ports: Ports;
let meter: BusyMeter;
let stack: RunningStack;

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
  meter = new BusyMeter(new OthersCpu());
  const step = temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/app.ts': app });
  const files = await prepareStepFiles(step, description, path.join(await directory.forStack(), 'files'));
  stack = await RunningStack.start(resizeMachine(description, 'larger', 0.6), { files, stackFolder: await directory.forStack(), run: directory, ports });
});
afterAll(async () => {
  await stack.stop();
  await meter.close();
  await directory.remove();
  await ports.release();
});

/** The share of a CPU that a machine had while it worked. */
async function shareOf(machine: string, way: 'loop' | 'pool', ms = 2_000): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${stack.wireOfPeople(machine).port}/${way}?ms=${ms}`);
  return Number(await answer.text());
}

test.each<[string, 'loop' | 'pool', number]>([
  ['small', 'loop', 0.2],
  ['small', 'pool', 0.2],
  ['larger', 'loop', 0.6],
])('a machine named %s gets the share of a CPU that it has, with its work in the %s', async (machine, way, share) => {
  const got = await shareOf(machine, way);
  // More than its share it never gets, however busy this computer is.
  expect(got).toBeLessThan(share + 0.06);
  if (!meter.wasBusy(2_000)) expect(got).toBeGreaterThan(share - 0.06);
});
