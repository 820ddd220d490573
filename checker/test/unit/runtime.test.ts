// A small stack for real: two apps and a Postgres, and everything that can happen to them.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Ports, prepareStepFiles, RunDirectory, RunningStack, StartFailure, until, type StackOptions, type StepFiles } from '../../src/runtime/index.ts';
import { isAlive, withDescendants, withVariable } from '../../src/runtime/process-tree.ts';
import type { StackDescription } from '../../src/stack/description.ts';
import { defineStack } from '../../src/stack/index.ts';
import { substituteMachine } from '../../src/stack/rearrange.ts';
import { root } from '../all/paths.ts';
import { temporaryFolder } from './temporary.ts';

const app = `
import { readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import pg from 'pg';

const { HOST, PORT, MACHINE_NAME, DATA_DIR, DATABASE_URL: connectionString } = process.env;
const pool = new pg.Pool({ connectionString, max: 2, connectionTimeoutMillis: 400, query_timeout: 400 });
pool.on('error', () => undefined);
const answers: Record<string, () => unknown> = {
  '/env': () => process.env,
  '/write': () => writeFileSync(\`\${DATA_DIR}/note\`, MACHINE_NAME ?? ''),
  '/files': () => readdirSync(DATA_DIR ?? ''),
  '/fill': () => pool.query('CREATE TABLE IF NOT EXISTS t (n int)').then(() => pool.query('INSERT INTO t VALUES (1)')),
  '/rows': () => pool.query('SELECT count(*)::int AS n FROM t').then(({ rows }) => rows[0].n),
  '/who': () => pool.query('SELECT current_user AS user, current_database() AS database').then(({ rows }) => rows[0]),
};
http.createServer((request, response) => {
  Promise.resolve().then(answers[request.url ?? '']).then(
    (answer) => response.end(JSON.stringify(answer ?? null)),
    (error: Error) => response.writeHead(503).end(error.message),
  );
}).listen(Number(PORT), HOST);
`;

const description = defineStack(({ machine }) => {
  const [server, worker, db] = [machine('server'), machine('worker'), machine('db').postgres()];
  server.node('src/app.ts', { DATABASE_URL: db.url, LEVEL: 'stack', LINK: worker.publicUrl });
  worker.node('src/app.ts', { DATABASE_URL: db.url });
  return { web: server, api: server };
});

let directory: RunDirectory;
let ports: Ports;
let files: StepFiles;
let stack: RunningStack;
/** Holds the stack once it has started. */
const started: RunningStack[] = [];

async function start(which: StackDescription, more: Partial<StackOptions> = {}): Promise<RunningStack> {
  return RunningStack.start(which, { files, stackFolder: await directory.forStack(), run: directory, ports, ...more });
}

beforeAll(async () => {
  const step = temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/app.ts': app, 'src/broken.ts': "console.log('so far');\nprocess.exit(7);" });
  symlinkSync(path.join(root, 'node_modules'), path.join(step, 'node_modules'));
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
  const broken = defineStack(({ machine }) => {
    machine('broken').node('src/broken.ts');
    machine('server').node('src/app.ts');
    return {};
  });
  files = await prepareStepFiles(step, broken, path.join(directory.path, 'files'));
  stack = await start(description, { variables: { LEVEL: 'step' } });
  started.push(stack);
}, 30_000);
afterEach(() => stack.heal());
afterAll(async () => {
  for (const one of started) await one.stop();
  await directory.remove();
  await ports.release();
});

/** What somebody who asks is answered: what it says, or `503`, or the code of the error, or `silence`. */
function ask(port: number, what: string, timeoutMs = 1_500): Promise<unknown> {
  return new Promise((resolve) => {
    const request = http.get({ port, host: '127.0.0.1', path: what, agent: false, timeout: timeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(response.statusCode === 200 ? (JSON.parse(text) as unknown) : response.statusCode));
      response.on('error', () => resolve('broken off'));
    });
    request.on('timeout', () => {
      resolve('silence');
      request.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

const at = (machine: string, what: string, timeoutMs?: number): Promise<unknown> => ask(stack.wireOfPeople(machine).port, what, timeoutMs);

async function envOf(machine: string): Promise<Record<string, string>> {
  return (await at(machine, '/env')) as Record<string, string>;
}

async function canConnect(port: number): Promise<boolean> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const pidOf = (machine: string): number => stack.machine(machine).services[0]?.process?.pid ?? 0;
/** The rows that an app sees, once its pool has found the database again. */
const rowsAt = (machine: string): Promise<unknown> =>
  until('an answer', async () => {
    const answer = await at(machine, '/rows');
    return typeof answer === 'number' ? { answer } : undefined;
  }, { timeoutMs: 5_000, everyMs: 50 }).then(({ answer }) => answer);

/** The System V segment of the database of a stack, which outlives a kill unless somebody removes it. */
function segmentOf(which: RunningStack): string {
  const { host } = which.postgres('db').adminConfig();
  return readFileSync(path.join(host ?? '', 'data/postmaster.pid'), 'utf8').split('\n')[6]?.trim().split(/\s+/)[1] ?? '';
}

/** Undefined where no program tells. */
function segments(): string[] | undefined {
  try {
    return execFileSync('ipcs', ['-m'], { encoding: 'utf8' }).split('\n').map((line) => line.split(/\s+/)[1] ?? '');
  } catch {
    return undefined;
  }
}

describe('a stack that runs', () => {
  test('tells each machine its own address, disk and name, and what the step sets over what the stack sets', async () => {
    const env = await envOf('server');
    expect(env).toMatchObject({ HOST: '127.0.0.1', MACHINE_NAME: 'server', LEVEL: 'step' });
    expect(Number(env['PORT'])).toBe(stack.machine('server').services[0]?.port);
    expect(Number(env['PORT'])).not.toBe(stack.wireOfPeople('server').port);
    expect(env['DATA_DIR']).toContain(directory.path);
    expect(env['LINK']).toBe(`http://127.0.0.1:${stack.wireOfPeople('worker').port}`);
  });

  test('has an entrance by the machine that it leads to', async () => {
    expect(stack.entrance('web')).toEqual({ host: '127.0.0.1', port: stack.wireOfPeople('server').port, url: `http://127.0.0.1:${stack.wireOfPeople('server').port}` });
    expect(() => stack.entrance('garden')).toThrow('There is no entrance "garden" for people in us.');
    expect(() => stack.machine('garden')).toThrow('There is no machine "garden" in this stack.');
    expect(() => stack.wire('db', 'server')).toThrow('"db" does not know the address of anything on "server".');
  });

  test('carries the queries of each machine over a wire of its own', async () => {
    const [ofServer, ofWorker] = [stack.wire('server', 'db'), stack.wire('worker', 'db')];
    expect(new URL((await envOf('server'))['DATABASE_URL'] ?? '').port).toBe(String(ofServer.port));
    expect(ofServer.port).not.toBe(ofWorker.port);
    const before = [ofServer.seen(), ofWorker.seen()];
    await at('server', '/who');
    expect(ofServer.seen().sentBytes).toBeGreaterThan(before[0]?.sentBytes ?? Infinity);
    expect(ofServer.seen().answeredBytes).toBeGreaterThan(before[0]?.answeredBytes ?? Infinity);
    expect(ofWorker.seen()).toEqual(before[1]);
  });

  test('does not let a machine see what another keeps', async () => {
    await at('server', '/write');
    expect(await at('server', '/files')).toContain('note');
    expect(await at('worker', '/files')).not.toContain('note');
    const [server, worker] = [await envOf('server'), await envOf('worker')];
    for (const variable of ['DATA_DIR', 'TMPDIR', 'HOME']) expect(server[variable]).not.toBe(worker[variable]);
  });

  test('asks for the password of its database, over the wire', async () => {
    const address = { host: '127.0.0.1', port: stack.wire('server', 'db').port, user: 'graminsta', database: 'graminsta' };
    const wrong = new pg.Client({ ...address, password: 'guess' });
    await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' });
    const right = new pg.Client({ ...address, password: 'graminsta' });
    await right.connect();
    await right.end();
  });
});

describe('an accident:', () => {
  test('a wire that is cut silences the database for one machine, until it is healed', async () => {
    expect(await at('server', '/who')).toEqual({ user: 'graminsta', database: 'graminsta' });
    stack.wire('server', 'db').cut();
    expect(await at('server', '/who')).toBe(503);
    expect(await at('worker', '/who')).toEqual({ user: 'graminsta', database: 'graminsta' });
    await stack.heal();
    expect(await until('an answer', async () => {
      const answer = await at('server', '/who');
      return answer !== 503 && answer;
    }, { timeoutMs: 3_000 })).toEqual({ user: 'graminsta', database: 'graminsta' });
  });

  test('a machine that is killed refuses connections, and has its disk when it is back', async () => {
    await at('worker', '/fill');
    const rows = await rowsAt('worker');
    const wire = stack.wire('worker', 'db');
    await stack.machine('db').kill();
    expect(stack.machine('db').running).toBe(false);
    expect(await canConnect(wire.port)).toBe(false);
    expect(await at('worker', '/rows')).toBe(503);
    await stack.machine('db').start();
    expect(await canConnect(wire.port)).toBe(true);
    expect(await rowsAt('worker')).toBe(rows);

    await at('server', '/write');
    await stack.machine('server').kill();
    expect(await at('server', '/files')).toBe('ECONNREFUSED');
    await stack.machine('server').start();
    expect(await at('server', '/files')).toContain('note');
  });

  test.skipIf(segments() === undefined)('a killed database leaves no shared memory', async () => {
    const segment = segmentOf(stack);
    expect(segments()).toContain(segment);
    await stack.machine('db').kill();
    expect(segments()).not.toContain(segment);
  });

  test.runIf(existsSync('/proc/sysvipc/shm'))('nor does one that was killed before it had written down which memory it has', async () => {
    const segment = segmentOf(stack);
    rmSync(path.join(stack.postgres('db').data, 'postmaster.pid'));
    await stack.machine('db').kill();
    expect(segments()).not.toContain(segment);
    await stack.machine('db').start();
  });

  test('a machine that is replaced has an empty disk', async () => {
    await at('server', '/fill');
    await at('server', '/write');
    await Promise.all(['db', 'server'].map((name) => stack.machine(name).replace()));
    expect(await at('server', '/files')).toEqual([]);
    expect(await at('server', '/rows')).toBe(503);
    expect(await at('server', '/who')).toEqual({ user: 'graminsta', database: 'graminsta' });
  });

  test('a machine that is paused accepts and says nothing, until it goes on', async () => {
    await stack.machine('server').pause();
    expect(await canConnect(stack.wireOfPeople('server').port)).toBe(true);
    expect(await at('server', '/files', 150)).toBe('silence');
    const answer = at('server', '/env', 5_000);
    await stack.machine('server').resume();
    expect(await answer).toMatchObject({ MACHINE_NAME: 'server' });
  });

  test('a paused database is silent with all its processes', async () => {
    await at('server', '/who');
    await stack.machine('db').pause();
    expect(await at('server', '/who')).toBe(503);
    await stack.machine('db').resume();
    expect(await until('an answer', async () => typeof (await at('server', '/who')) === 'object', { timeoutMs: 3_000 })).toBe(true);
  });

  test('a deploy gives another process on the same disk', async () => {
    await at('worker', '/write');
    const before = pidOf('worker');
    expect(await stack.machine('worker').restart()).toEqual([]);
    expect(pidOf('worker')).not.toBe(before);
    expect(isAlive(before)).toBe(false);
    expect(await at('worker', '/files')).toContain('note');
  });

  test('all of them at once are healed at once', async () => {
    const before = pidOf('worker');
    stack.wire('server', 'db').cut('answers');
    stack.wire('worker', 'db').delay(200);
    await stack.machine('server').pause();
    await stack.machine('db').kill();
    await stack.heal();
    for (const name of ['server', 'worker']) {
      expect(await until('an answer', async () => typeof (await at(name, '/who')) === 'object', { timeoutMs: 3_000 })).toBe(true);
    }
    expect(pidOf('worker')).toBe(before);
  });
});

describe('another stack of the same command', () => {
  test('can have a database of another name, user and password, and the password counts', async () => {
    const login = { user: 'gram "insta"', password: "p@ss/wörd' %?#", database: 'photos-2' };
    const other = await start(
      substituteMachine(description, 'db', { name: 'db-2', region: 'us', services: [{ kind: 'postgres', name: 'postgres', ...login }] }),
    );
    try {
      expect(await ask(other.wireOfPeople('server').port, '/who')).toEqual({ user: login.user, database: login.database });
      const address = { host: '127.0.0.1', port: other.wire('server', 'db-2').port };
      for (const wrong of [{ ...login, password: 'graminsta' }, { user: 'graminsta', password: 'graminsta', database: 'photos-2' }]) {
        await expect(new pg.Client({ ...address, ...wrong }).connect()).rejects.toMatchObject({ code: '28P01' });
      }
    } finally {
      await other.stop();
    }
  });

  test('can begin with machines that are off, and does not wait for them', async () => {
    const other = await start(description, { off: ['db'] });
    try {
      expect(other.machine('db').running).toBe(false);
      expect(await canConnect(other.wire('server', 'db').port)).toBe(false);
      const port = other.wireOfPeople('server').port;
      expect(await until('the app', async () => {
        const answer = await ask(port, '/who');
        return answer !== 'ECONNREFUSED' && answer;
      }, { timeoutMs: 5_000 })).toBe(503);
      await other.machine('db').start();
      expect(await ask(port, '/who')).toEqual({ user: 'graminsta', database: 'graminsta' });
    } finally {
      await other.stop();
    }
  });

  test('that does not start leaves nothing running and says what was printed', async () => {
    const broken = defineStack(({ machine }) => {
      const server = machine('server');
      server.node('src/app.ts');
      machine('broken').node('src/broken.ts', { FIRST: server.service('node').url });
      return {};
    });
    const before = withVariable('GRAMINSTA_RUN', directory.id);
    const failure: unknown = await start(broken).catch((error: unknown) => error);
    if (!(failure instanceof StartFailure)) throw new Error(`no StartFailure: ${String(failure)}`);
    expect([failure.machine, failure.problem, failure.message]).toEqual([
      'broken',
      'exited',
      'src/broken.ts on broken was started, and it ended with exit code 7 instead of listening on its PORT.',
    ]);
    expect(failure.log.tail(5)).toEqual(['so far']);
    expect(withVariable('GRAMINSTA_RUN', directory.id)).toEqual(before);
  });

  test('is gone when it was stopped: processes, wires, ports, and with the command its folder', async () => {
    const own = { directory: await RunDirectory.create(), ports: await Ports.claim() };
    const other = await start(description, { run: own.directory, ports: own.ports, stackFolder: await own.directory.forStack() });
    const roots = [...other.machines.values()].flatMap(({ services }) => services.flatMap(({ process }) => process?.pid ?? []));
    const family = withDescendants(roots);
    const segment = segmentOf(other);
    const listening = [other.wireOfPeople('server').port, other.wire('server', 'db').port, ...[...other.machines.values()].flatMap(({ services }) => services.map(({ port }) => port))];
    expect(roots).toHaveLength(3);
    expect(family.length).toBeGreaterThan(5);
    expect(family.filter(isAlive)).toEqual(family);
    if (segments()) expect(segments()).toContain(segment);

    await other.stop();
    expect(family.filter(isAlive)).toEqual([]);
    expect(await Promise.all(listening.map(canConnect))).toEqual(listening.map(() => false));
    if (segments()) expect(segments()).not.toContain(segment);

    expect(existsSync(own.directory.path)).toBe(true);
    await own.directory.remove();
    await own.ports.release();
    expect(existsSync(own.directory.path)).toBe(false);
    expect(withVariable('GRAMINSTA_RUN', own.directory.id)).toEqual([]);
    expect(withVariable('GRAMINSTA_REAPER', own.directory.id)).toEqual([]);
  });
});

test('what detached itself ends with its machine, although nothing is its parent any more', async () => {
  const step = temporaryFolder({
    'package.json': '{ "type": "module" }',
    'src/app.ts': `
      import { spawn } from 'node:child_process';
      import http from 'node:http';
      const program = \`require('child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref()\`;
      spawn(process.execPath, ['-e', program], { detached: true, stdio: 'ignore' }).once('exit', () => http.createServer().listen(Number(process.env.PORT), process.env.HOST)).unref();
      setInterval(() => undefined, 1000);
    `,
  });
  const alone = defineStack(({ machine }) => {
    machine('server').node('src/app.ts');
    return {};
  });
  const own = await prepareStepFiles(step, alone, path.join(await directory.forStack(), 'files'));
  const stackFolder = await directory.forStack();
  const detaching = await start(alone, { files: own, stackFolder });
  started.push(detaching);
  if (process.platform !== 'linux') return;
  const sleepers = (): number[] => withVariable('GRAMINSTA_MACHINE', path.join(stackFolder, 'server')).filter((pid) => readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === 'sleep');
  expect(sleepers()).toHaveLength(1);
  await detaching.machine('server').kill();
  await until('it to be gone', () => sleepers().filter(isAlive).length === 0, { timeoutMs: 1_000 });
});

test.runIf(process.platform === 'linux')('a child of a database that was made while the database was killed ends with it', async () => {
  const other = await start(description);
  started.push(other);
  const postgres = other.postgres('db');
  const client = new pg.Client(postgres.adminConfig());
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const child = rows[0]!.pid;
  // Stopped, it cannot notice that it has become an orphan.
  process.kill(child, 'SIGSTOP');
  process.kill(postgres.process!.pid!, 'SIGKILL');
  await postgres.process!.exited;
  expect(isAlive(child)).toBe(true);
  await other.machine('db').kill();
  await until('it to be gone', () => !isAlive(child), { timeoutMs: 2_000 });
});

test('on a stack that was stopped nothing can be started, by whoever still wants to', async () => {
  const other = await start(description);
  const machine = other.machine('server');
  const deploying = machine.restart();
  deploying.catch(() => undefined);
  await other.stop();
  await expect(deploying).rejects.toThrow();
  await expect(machine.start()).rejects.toThrow('is gone');
  await expect(machine.replace()).rejects.toThrow('is gone');
  expect(machine.running).toBe(false);
});
