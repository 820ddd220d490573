// Mutant: the app prepares the database once, before it listens.
// Brings the database to the schema that the app expects, as soon as there is a database.

import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { config } from './config.ts';

const schema = new URL('./schema.sql', import.meta.url);

let migrated = false;

export function isMigrated(): boolean {
  return migrated;
}

export async function migrateWhenPossible(): Promise<void> {
  await migrate();
}

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
    await owner.query(await readFile(schema, 'utf8'));
    await prepareRole(owner);
    await owner.query('commit');
    migrated = true;
  } finally {
    await owner.end();
  }
}

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
  await owner.query(`grant select, insert, update, delete on all tables in schema public to ${role}`);
}
