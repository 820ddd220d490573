// Services in containers beside the processes of the apps: the same machines, the same accidents, the same verdicts.

import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Redis } from '../../src/check/redis.ts';
import { images } from '../../src/runtime/containers/images.ts';
import { sourceOf } from '../../src/runtime/containers/service-source.ts';
import { Ports, prepareStepFiles, RunDirectory, RunningStack, until } from '../../src/runtime/index.ts';
import { defineStack } from '../../src/stack/index.ts';
import { temporaryFolder } from '../unit/temporary.ts';
import { workshops } from '../workshop.ts';

const description = defineStack(({ machine }) => {
  const [db, replica, cache, lb, api] = [machine('db'), machine('replica'), machine('cache'), machine('lb'), machine('api')];
  const [primary, standby, memory] = [db.postgres(), replica.postgres({ replicaOf: db }), cache.redis()];
  const app = api.node('src/api.ts', { DATABASE_URL: primary.url, REPLICA_URL: standby.url, CACHE_URL: memory.url });
  lb.nginx('lb.conf', { API: app.address });
  return { api: lb };
});
const files = {
  'package.json': '{ "type": "module" }',
  'src/api.ts': "import http from 'node:http';\nhttp.createServer((_, response) => response.end('from the process')).listen(Number(process.env['PORT']), process.env['HOST']);\n",
  'lb.conf': 'server { listen ${HOST}:${PORT}; location / { proxy_pass http://${API}; } }\n',
};

/** What Docker has of a run, or of all runs of a command. */
function containersOf(run: string): string[] {
  const lines = execFileSync('docker', ['ps', '--all', '--format', '{{.Label "graminsta.run"}} {{.Image}} {{.Status}}'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.startsWith(run));
}

const loginOf = (port: number): pg.ClientConfig => ({ host: '127.0.0.1', port, user: 'graminsta', password: 'graminsta', database: 'graminsta' });

async function query(port: number, text: string): Promise<unknown[]> {
  const client = new pg.Client({ ...loginOf(port), connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('a stack with services in containers', () => {
  let directory: RunDirectory;
  let ports: Ports;
  let stack: RunningStack;
  let redis: Redis;

  beforeAll(async () => {
    vi.stubEnv('GRAMINSTA_SERVICES', 'containers');
    [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
    const prepared = await prepareStepFiles(temporaryFolder(files), description, path.join(directory.path, 'files'));
    stack = await RunningStack.start(description, { files: prepared, stackFolder: await directory.forStack(), run: directory, ports });
    redis = new Redis(stack, 'cache');
  });
  afterAll(async () => {
    redis.close();
    await stack.stop();
    await directory.remove();
    await ports.release();
    vi.unstubAllEnvs();
    expect(containersOf(directory.id)).toEqual([]);
  });

  const db = (): number => stack.wire('api', 'db').port;
  const replica = (): number => stack.wire('api', 'replica').port;
  const answer = async (): Promise<string> => (await fetch(stack.entrance('api').url, { signal: AbortSignal.timeout(2_000) })).text();

  test('answers, and each service but the app is a container of its own', async () => {
    expect(await query(db(), 'SELECT 1')).toEqual([1]);
    expect(await redis.send('PING')).toBe('PONG');
    expect(await answer()).toBe('from the process');
    expect(containersOf(directory.id).map((line) => line.split(' ')[1]).sort()).toEqual(['nginx:1.29-alpine', 'postgres:18', 'postgres:18', 'redis:8-alpine']);
  });

  test('has a standby that follows over the wire', async () => {
    await query(db(), 'CREATE TABLE photos (id int)');
    await query(db(), 'INSERT INTO photos VALUES (7)');
    await until('the standby to have it', async () => (await query(replica(), 'SELECT id FROM photos').catch(() => []))[0] === 7, { timeoutMs: 5_000 });
    expect(await query(replica(), 'SELECT pg_is_in_recovery()')).toEqual([true]);
  });

  test('keeps over a kill what was acknowledged, and refuses connections meanwhile', async () => {
    await query(db(), 'INSERT INTO photos VALUES (8)');
    await stack.machine('db').kill();
    await expect(query(db(), 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await stack.machine('db').start();
    expect(await query(db(), 'SELECT id FROM photos ORDER BY id')).toEqual([7, 8]);
  });

  test('is silent while it is paused, and goes on afterwards', async () => {
    for (const name of ['db', 'cache', 'lb']) await stack.machine(name).pause();
    await expect(query(db(), 'SELECT 1')).rejects.toThrow();
    await expect(answer()).rejects.toThrow();
    for (const name of ['db', 'cache', 'lb']) await stack.machine(name).resume();
    expect(await query(db(), 'SELECT 1')).toEqual([1]);
    expect(await redis.send('PING')).toBe('PONG');
    expect(await answer()).toBe('from the process');
  });

  test('is restarted in order on the same disk, and replaced with an empty one', async () => {
    expect(await stack.machine('db').restart()).toEqual([]);
    expect(await query(db(), 'SELECT count(*)::int FROM photos')).toEqual([2]);
    expect(await stack.machine('lb').restart()).toEqual([]);
    expect(await answer()).toBe('from the process');
    await stack.machine('db').replace();
    await expect(query(db(), 'SELECT 1 FROM photos')).rejects.toMatchObject({ code: '42P01' });
  });

  test('tells what its programs use', () => {
    expect(stack.machine('db').memoryBytes()).toBeGreaterThan(1024 * 1024);
    expect(stack.machine('cache').cpuMs()).toBeGreaterThanOrEqual(0);
  });
});

describe('a program that this computer does not have', () => {
  afterEach(() => void vi.unstubAllEnvs());

  /** Only Docker is installed. */
  function hideAll(): void {
    const docker = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
    const bin = temporaryFolder({ 'read me': 'the only programs that there are' });
    symlinkSync(docker, path.join(bin, 'docker'));
    vi.stubEnv('PATH', bin);
  }

  test.skipIf(existsSync('/usr/local/bin/redis-server'))('is taken from its image, unless that is not wanted', async () => {
    hideAll();
    expect(await sourceOf('redis-server', 'cache')).toEqual({ command: 'redis-server', image: images.redis });
    vi.stubEnv('GRAMINSTA_SERVICES', 'programs');
    await expect(sourceOf('redis-server', 'cache')).rejects.toMatchObject({ name: 'MissingProgram', message: expect.stringContaining('not installed') as string });
  });
});

describe('a check with services in containers', () => {
  const inWorkshop = workshops(1, 'steps/02-split-db');
  const env = { GRAMINSTA_SERVICES: 'containers' };

  test('passes the solution', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const result = await workshop.run(['check', '02', '--all'], { env });
      expect(result.output).toContain('7 passed');
    });
  });

  test('finds in a wrong solution what it finds with processes', async () => {
    await inWorkshop(['solution', 'mutants/02/database-restart/undone'], async (workshop) => {
      const findings = [];
      for (const given of [{}, env]) {
        const { stdout, code } = await workshop.run(['check', '2.4', '--json'], { env: given });
        expect(code).toBe(1);
        const { exercises } = JSON.parse(stdout) as { exercises: { verdict: string; finding?: { did: string; expected: string; kind: string } }[] };
        findings.push(exercises.map(({ verdict, finding }) => ({ verdict, kind: finding?.kind, did: finding?.did, expected: finding?.expected })));
      }
      expect(findings[1]).toEqual(findings[0]);
    });
  });

  test('that is ended by kill -9 leaves no container', async () => {
    await inWorkshop(['solution'], async (workshop) => {
      const command = workshop.start(['check', '02'], { env });
      const judge = await command.judge();
      await until('a container to run', () => containersOf(`${judge}-`).length > 0, { timeoutMs: 20_000 });
      command.kill();
      await command.ended;
      await until('all of them to be gone', () => containersOf(`${judge}-`).length === 0, { timeoutMs: 5_000 });
      expect(await command.leftBehind(5_000)).toEqual([]);
    });
  });

  test.each([
    ['is asked for in a word that nobody knows', { GRAMINSTA_SERVICES: 'nonsense' }, 'the words that there are for it are'],
    ['has no Docker', { ...env, DOCKER_HOST: 'unix:///tmp/no-such-docker.sock' }, 'its engine is not running'],
  ])('that %s is not run, and says why', async (_what, given, words) => {
    await inWorkshop(['solution'], async (workshop) => {
      const { stdout } = await workshop.run(['check', '2.1', '--json'], { env: given });
      expect(stdout).toContain('"not run"');
      expect(stdout).toContain(words);
    });
  });
});
