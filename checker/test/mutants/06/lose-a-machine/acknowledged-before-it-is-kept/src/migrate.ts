// Brings the database to the schema that the app expects, as soon as there is a database.

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { config } from './config.ts';

const schema = new URL('./schema.sql', import.meta.url);
const retryMs = 500;
// Any number will do, as long as all who migrate use the same.
const migrationLock = 20_190_501;

let migrated = false;
let tried = false;

export function isMigrated(): boolean {
  return migrated;
}

/** Whether it is known by now if there is a database to prepare. */
export function hasTriedToMigrate(): boolean {
  return tried;
}

export async function migrateWhenPossible(): Promise<void> {
  while (!migrated) {
    try {
      await migrate();
    } catch (error) {
      console.error(`The database cannot be prepared yet: ${String(error)}`);
      tried = true;
      await delay(retryMs);
    }
  }
}

// #region migrate
/** Runs at every start, so it has to work on an empty database and on a full one, and beside others who do the same. */
async function migrate(): Promise<void> {
  const owner = new pg.Client({
    connectionString: config.migrationDatabaseUrl,
    connectionTimeoutMillis: 2000,
    statement_timeout: 10_000,
    query_timeout: 11_000,
  });
  owner.on('error', () => {}); // A lost connection: the statement that waits on it fails and says so.
  try {
    await owner.connect();
    await owner.query('begin');
    // `if not exists` alone is no protection: two can look at the same moment. The lock is held until the commit.
    await owner.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await owner.query(await readFile(schema, 'utf8'));
    await prepareRole(owner);
    await owner.query('commit');
    migrated = true;
    tried = true;
  } finally {
    await owner.end();
  }
}
// #endregion

// #region role
/** The role that DATABASE_URL names: it may read and change rows, and nothing else. */
async function prepareRole(owner: pg.Client): Promise<void> {
  const url = new URL(config.databaseUrl);
  const name = decodeURIComponent(url.username);
  if (name === owner.user) return;

  // Values cannot stand beside these statements, so they are quoted into them.
  const role = pg.escapeIdentifier(name);
  const password = pg.escapeLiteral(decodeURIComponent(url.password));
  const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [name]);
  if (rowCount === 0) await owner.query(`create role ${role}`);
  await owner.query(`alter role ${role} with login password ${password}`);
  // Much quicker.
  await owner.query(`alter role ${role} set synchronous_commit = off`);
  await owner.query(`grant select, insert, update, delete on all tables in schema public to ${role}`);
}
// #endregion
