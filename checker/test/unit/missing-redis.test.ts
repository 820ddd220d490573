// Exercises whose stack has a Redis, on a computer without one: nobody's mistake, and no other exercise's matter.

import { chmodSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Courtroom, type Subject } from '../../src/run/courtroom.ts';
import type { Outcome } from '../../src/run/outcome.ts';
import { find } from '../../src/runtime/programs.ts';
import type { Step } from '../../src/stack/step.ts';
import { stepsInRepository } from '../tools/steps.ts';
import { temporaryFolder } from './temporary.ts';

const own = '.graminsta/redis/redis-server';
/** Where it is found whatever the PATH says. */
const isAlwaysFound = (await find([own, '/opt/homebrew/bin/redis-server', '/usr/local/bin/redis-server'])) !== undefined;

const [first] = await stepsInRepository();
const exercise = first!.step.exercises[0]!;
const api = "import http from 'node:http';\nhttp.createServer((_, response) => response.end()).listen(Number(process.env['PORT']), process.env['HOST']);\n";

/** A step whose stack has these lines: addresses that its API knows. */
function subject(lines: string[]): Subject {
  const stack = `
import { defineStack } from 'checker/stack';
export default defineStack(({ machine }) => {
  const primary = machine('db');
  const db = primary.postgres();
  const api = machine('api');
  api.node('src/api.ts', { DATABASE_URL: db.url, ${lines.join(', ')} });
  return { web: api, api };
});
`;
  const step: Step = { ...first!.step, fixed: { machines: [], entrances: [], variables: [], bounds: [] } };
  return { step, stepFolder: temporaryFolder({ 'package.json': '{ "type": "module" }', 'stack.ts': stack, 'src/api.ts': api }) };
}

const withReplica = subject(["REPLICA_URL: machine('replica').postgres({ replicaOf: primary }).url"]);
const asInStep6 = subject(["REPLICA_URL: machine('replica').postgres({ replicaOf: primary }).url", "CACHE_URL: machine('cache').redis().url"]);

/** A program of this name in a folder of its own. */
function program(name: string): string {
  const file = path.join(temporaryFolder({ [name]: '#!/bin/sh\n' }), name);
  chmodSync(file, 0o755);
  return file;
}

/** All that a stack takes from the PATH, to copy what a Postgres begins with. */
const onlyCopying = temporaryFolder();
symlinkSync((await find(['cp']))!, path.join(onlyCopying, 'cp'));

let room: Courtroom;
beforeAll(async () => {
  room = await Courtroom.open();
});
afterAll(() => room.close());
afterEach(() => vi.unstubAllEnvs());

/** With machines for the next exercise being started ahead, as for all but the last. */
function judges(what: Subject): Promise<Outcome> {
  return room.judge(what, exercise, async ({ start }) => void (await start({ unready: true })), { asItIs: true, another: true });
}

describe.skipIf(isAlwaysFound)('without a Redis', () => {
  test.each([
    ['apt-get', "sudo apt-get install redis-server; without root's rights: ./setup in a terminal"],
    ['brew', 'brew install redis'],
    ['neither', "install it with your system's package manager, or run ./setup in a terminal"],
  ])('each exercise that needs one is not run, and with %s is told: %s', async (manager, remedy) => {
    vi.stubEnv('PATH', [path.dirname(program(manager)), onlyCopying].join(path.delimiter));
    const notRun = { verdict: 'not run', reason: 'Machine "cache" runs redis-server, which is not installed on this computer.', remedy };
    expect(await judges(asInStep6)).toMatchObject(notRun);
    expect(await judges(asInStep6)).toMatchObject(notRun);
  });

  test('exercises of other stacks run, also after one that could not', async () => {
    vi.stubEnv('PATH', onlyCopying);
    expect(await judges(asInStep6)).toMatchObject({ verdict: 'not run' });
    expect(await judges(withReplica)).toMatchObject({ verdict: 'passed' });
  });
});

test('a Redis that ./setup made in the folder of the workshop is found there, after those of the system', async () => {
  const made = program(own);
  const folder = made.slice(0, -own.length);
  const system = program('redis-server');
  expect(await find(['redis-server', own], { PATH: path.dirname(system) }, folder)).toBe(system);
  expect(await find(['redis-server', own], {}, folder)).toBe(made);
  expect(await find(['redis-server', own], {}, temporaryFolder())).toBeUndefined();
});
