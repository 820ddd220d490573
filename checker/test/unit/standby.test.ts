// A Postgres and its streaming standbys for real, and everything that can happen between them.

import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/check/database.ts';
import { callsByNode, compareNodes, type StatementSeen } from '../../src/check/statements.ts';
import { Ports, prepareStepFiles, RunDirectory, RunningStack, StartFailure, until, type StackOptions, type StepFiles } from '../../src/runtime/index.ts';
import type { StackDescription } from '../../src/stack/description.ts';
import { defineStack } from '../../src/stack/index.ts';
import { temporaryFolder } from './temporary.ts';

/** The standby comes first, as it may in a learner's stack.ts. */
const pair = defineStack(({ machine }) => {
  const [replica, db] = [machine('replica'), machine('db')];
  db.postgres();
  replica.postgres({ replicaOf: db });
  return {};
});
const alone = defineStack(({ machine }) => {
  machine('db').postgres();
  return {};
});

let directory: RunDirectory;
let ports: Ports;
let files: StepFiles;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
  files = await prepareStepFiles(temporaryFolder({ 'package.json': '{ "type": "module" }' }), alone, path.join(directory.path, 'files'));
}, 30_000);
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});
afterAll(async () => {
  await directory.remove();
  await ports.release();
});

async function optionsFor(more: Partial<StackOptions> = {}): Promise<StackOptions> {
  return { files, stackFolder: await directory.forStack(), run: directory, ports, ...more };
}

async function start(description: StackDescription, more: Partial<StackOptions> = {}): Promise<RunningStack> {
  const stack = await RunningStack.start(description, await optionsFor(more));
  cleanUp.push(() => stack.stop());
  return stack;
}

function databaseOn(stack: RunningStack, machine: string): Database {
  const database = new Database(stack, machine);
  cleanUp.push(() => database.close());
  return database;
}

/** Somebody who connects as an app does: with the password, over a wire or on the machine. */
async function clientOf(port: number, login = { user: 'graminsta', password: 'graminsta', database: 'graminsta' }): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, ...login });
  client.on('error', () => undefined);
  await client.connect();
  cleanUp.push(() => client.end());
  return client;
}

const portOf = (stack: RunningStack, machine: string): number => stack.postgres(machine).port;

async function write(db: Database, n: number): Promise<void> {
  await db.query('CREATE TABLE IF NOT EXISTS t (n int)');
  await db.query('INSERT INTO t VALUES ($1)', [n]);
}

/** The rows that it shows by now; none where it has no table yet. */
async function rowsIn(database: Database): Promise<number[]> {
  const rows = await database.query<{ n: number }>('SELECT n FROM t ORDER BY n').catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code === '42P01') return [];
    throw error;
  });
  return rows.map(({ n }) => n);
}

const untilShown = (database: Database, ...wanted: number[]): Promise<unknown> =>
  until(`rows ${wanted.join(', ')}`, async () => (await rowsIn(database)).join() === wanted.join(), { timeoutMs: 10_000 });

/** Until the standby has received what was written up to there, shown or not. */
const untilReceived = (standby: Database, position: bigint): Promise<unknown> =>
  until('the log to be received', async () => (await standby.query("SELECT WHERE pg_last_wal_receive_lsn() - '0/0'::pg_lsn >= $1::numeric", [String(position)])).length > 0, { timeoutMs: 10_000 });

describe('a standby', () => {
  test('has what its primary has, over the wire between them, and refuses to be written', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await write(db, 1);
    const position = await db.position();
    await replica.untilAt(position);
    expect(await rowsIn(replica)).toEqual([1]);
    expect(await replica.position()).toBeGreaterThanOrEqual(position);
    expect(stack.wire('replica', 'db').seen().answeredBytes).toBeGreaterThan(0);
    await expect((await clientOf(portOf(stack, 'replica'))).query('INSERT INTO t VALUES (2)')).rejects.toMatchObject({ code: '25006' });
  });

  test('falls behind while its wire is cut, and catches up when it is whole', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await write(db, 1);
    await untilShown(replica, 1);
    stack.wire('replica', 'db').cut();
    await write(db, 2);
    const position = await db.position();
    expect(await rowsIn(replica)).toEqual([1]);
    expect(await replica.position()).toBeLessThan(position);
    stack.wire('replica', 'db').heal();
    await untilShown(replica, 1, 2);
  });

  test('that was killed comes back with what it had, also without its primary, and then catches up', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await write(db, 1);
    await untilShown(replica, 1);
    await stack.machine('replica').kill();
    await write(db, 2);
    await stack.machine('db').kill();
    await stack.machine('replica').start();
    await untilShown(replica, 1);
    await stack.machine('db').start();
    await untilShown(replica, 1, 2);
  });

  test('follows its primary again after that was killed', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await write(db, 1);
    await stack.machine('db').kill();
    await stack.machine('db').start();
    await write(db, 2);
    await untilShown(replica, 1, 2);
    await stack.machine('db').restart();
    await write(db, 3);
    await untilShown(replica, 1, 2, 3);
  });

  test('that is replaced has everything as soon as it can be reached', async () => {
    const stack = await start(pair);
    const db = databaseOn(stack, 'db');
    await write(db, 1);
    // Its log since the beginning is what a new standby reads.
    await db.query('CHECKPOINT');
    await db.query('INSERT INTO t SELECT generate_series(2, 5000)');
    await stack.machine('replica').replace();
    expect(await rowsIn(databaseOn(stack, 'replica'))).toHaveLength(5_000);
  });

  test('has the user and the database of its primary, whatever they are called', async () => {
    const login = { user: 'gram "insta"', password: "p@ss/wörd' %?#", database: 'photos-2' };
    const stack = await start(defineStack(({ machine }) => {
      const db = machine('db');
      db.postgres(login);
      machine('replica').postgres({ replicaOf: db });
      return {};
    }));
    const [onDb, onReplica] = await Promise.all(['db', 'replica'].map((name) => clientOf(portOf(stack, name), login)));
    await onDb?.query('CREATE TABLE t AS SELECT 7 AS n');
    const replica = databaseOn(stack, 'replica');
    await replica.untilAt(await databaseOn(stack, 'db').position());
    expect((await onReplica?.query('SELECT n FROM t'))?.rows).toEqual([{ n: 7 }]);
    expect(replica.name).toBe('photos-2');
    expect(stack.postgres('replica').adminUrl).toBe(`postgres://gram%20%22insta%22:${encodeURIComponent(login.password)}@127.0.0.1:${portOf(stack, 'replica')}/photos-2`);
  });

  test('may have company, and followers of its own', async () => {
    const stack = await start(defineStack(({ machine }) => {
      const [db, first] = [machine('db'), machine('first')];
      db.postgres();
      first.postgres({ replicaOf: db });
      machine('second').postgres({ replicaOf: db });
      machine('of-first').postgres({ replicaOf: first });
      return {};
    }));
    await write(databaseOn(stack, 'db'), 1);
    for (const name of ['first', 'second', 'of-first']) await untilShown(databaseOn(stack, name), 1);
    expect(stack.wiresBetween('of-first', 'db')).toEqual([]);
    expect(stack.wire('of-first', 'first').seen().answeredBytes).toBeGreaterThan(0);
  });

  test('can be warm, with its primary, before the rest of a stack is there', async () => {
    const stack = await RunningStack.warm(pair, await optionsFor());
    cleanUp.push(() => stack.stop());
    await stack.complete(files);
    await write(databaseOn(stack, 'db'), 1);
    await untilShown(databaseOn(stack, 'replica'), 1);
  });
});

describe('a database that is kept', () => {
  test('from before it had a standby is copied for its first one, while it goes on', async () => {
    const options = await optionsFor({ durable: true });
    const before = await RunningStack.start(alone, options);
    const old = new Database(before, 'db');
    await write(old, 1);
    // As it would be of an older version of the workshop, and with none of its first log left.
    await old.query('DROP ROLE graminsta_standby');
    for (let segment = 0; segment < 4; segment += 1) {
      await old.query('SELECT pg_switch_wal()');
      await old.query('CHECKPOINT');
      await old.query('INSERT INTO t VALUES (2)');
    }
    await old.close();
    await before.stop({ graceMs: 5_000 });

    const stack = await start(pair, options);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    expect(await rowsIn(replica)).toEqual([1, 2, 2, 2, 2]);
    await write(db, 3);
    await untilShown(replica, 1, 2, 2, 2, 2, 3);
    await stack.machine('replica').restart();
    await write(db, 4);
    await untilShown(replica, 1, 2, 2, 2, 2, 3, 4);
  });

  test('goes on by itself when it is no standby any more, and is never overwritten by another', async () => {
    const options = await optionsFor({ durable: true });
    const before = await RunningStack.start(pair, options);
    await write(new Database(before, 'db'), 1);
    await before.stop({ graceMs: 5_000 });

    const both = defineStack(({ machine }) => {
      for (const name of ['db', 'replica']) machine(name).postgres();
      return {};
    });
    const apart = await RunningStack.start(both, options);
    const replica = new Database(apart, 'replica');
    await write(replica, 2);
    expect(await rowsIn(replica)).toContain(2);
    await replica.close();
    await apart.stop({ graceMs: 5_000 });

    const failure = await start(pair, options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartFailure);
    expect(failure).toMatchObject({ message: 'Postgres on replica is to follow db, and has data of its own on its disk. A standby begins with an empty disk.' });
  });
});

describe('a lag', () => {
  test('holds commits back that were received, for as long as it is told and no longer than it is asked to', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await write(db, 1);
    await untilShown(replica, 1);
    await replica.lag(3_600_000);
    await write(db, 2);
    await untilReceived(replica, await db.position());
    expect(await rowsIn(replica)).toEqual([1]);
    await replica.lag(0);
    await untilShown(replica, 1, 2);

    await replica.lag(250);
    const startedAt = Date.now();
    await write(db, 3);
    await untilShown(replica, 1, 2, 3);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(249);
  });

  test('lasts when the standby is started again', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await write(db, 1);
    await untilShown(replica, 1);
    await replica.lag(3_600_000);
    await stack.machine('replica').kill();
    await stack.machine('replica').start();
    expect(await replica.query('SHOW recovery_min_apply_delay')).toEqual([{ recovery_min_apply_delay: '1h' }]);
    await write(db, 2);
    await replica.lag(0);
    await untilShown(replica, 1, 2);
  });

  test('can be a replay that is held, until it is let go', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await write(db, 1);
    await untilShown(replica, 1);
    await replica.holdReplay();
    await write(db, 2);
    const position = await db.position();
    await untilReceived(replica, position);
    expect(await rowsIn(replica)).toEqual([1]);
    expect(await replica.position()).toBeLessThan(position);
    await replica.releaseReplay();
    await replica.untilAt(position);
    expect(await rowsIn(replica)).toEqual([1, 2]);
  });

  test('is not for a primary', async () => {
    const db = databaseOn(await start(alone), 'db');
    for (const mistake of [() => db.lag(100), () => db.holdReplay(), () => db.releaseReplay()]) await expect(mistake()).rejects.toThrow('Only a standby can be made to lag');
  });
});

describe('what the databases saw', () => {
  test('is told by node and role, with calls and rows, and without the checker', async () => {
    const stack = await start(pair);
    const [db, replica] = [databaseOn(stack, 'db'), databaseOn(stack, 'replica')];
    await db.query('CREATE TABLE t AS SELECT generate_series(1, 3) AS n');
    await replica.untilAt(await db.position());
    const [onDb, onReplica] = [await clientOf(portOf(stack, 'db')), await clientOf(portOf(stack, 'replica'))];
    await onReplica.query('SELECT max(n) FROM t');
    for (const node of [db, replica]) await node.forgetStatements();

    for (const n of [1, 2, 3, 4]) await onReplica.query(`SELECT n FROM t WHERE n >= ${n}`);
    await onDb.query('SELECT n FROM t WHERE n >= 2');
    await onDb.query('UPDATE t SET n = n + $1', [1]);
    await rowsIn(db);
    await rowsIn(replica);

    const seen = { db: await db.statements(), replica: await replica.statements() };
    expect(seen.replica).toMatchObject([{ statement: 'SELECT n FROM t WHERE n >= $1', role: 'graminsta', calls: 4, rows: 6 }]);
    expect(seen.db).toMatchObject([
      { statement: 'SELECT n FROM t WHERE n >= $1', role: 'graminsta', calls: 1, rows: 2 },
      { statement: 'UPDATE t SET n = n + $1', role: 'graminsta', calls: 1, rows: 3 },
    ]);
    expect(compareNodes(seen)).toMatchObject([
      { statement: 'SELECT n FROM t WHERE n >= $1', calls: { db: 1, replica: 4 }, rows: { db: 2, replica: 6 } },
      { statement: 'UPDATE t SET n = n + $1', calls: { db: 1, replica: 0 }, rows: { db: 3, replica: 0 } },
    ]);
  });

  test('is compared by statement and role, however it was worded first', () => {
    const seen = (id: string, role: string, calls: number, statement = id): StatementSeen => ({ id, role, calls, statement, rows: 10 * calls });
    const lines = compareNodes({
      db: [seen('1', 'app', 2, 'select 1'), seen('2', 'app', 1)],
      replica: [seen('1', 'app', 3, 'SELECT 1'), seen('1', 'owner', 4)],
      idle: [],
    });
    expect(lines).toEqual([
      { id: '1', role: 'app', statement: 'select 1', calls: { db: 2, replica: 3, idle: 0 }, rows: { db: 20, replica: 30, idle: 0 } },
      { id: '1', role: 'owner', statement: '1', calls: { db: 0, replica: 4, idle: 0 }, rows: { db: 0, replica: 40, idle: 0 } },
      { id: '2', role: 'app', statement: '2', calls: { db: 1, replica: 0, idle: 0 }, rows: { db: 10, replica: 0, idle: 0 } },
    ]);
    expect(callsByNode(lines)).toEqual({ db: 3, replica: 7, idle: 0 });
    expect(callsByNode(lines, ({ role }) => role === 'app')).toEqual({ db: 3, replica: 3, idle: 0 });
  });
});
