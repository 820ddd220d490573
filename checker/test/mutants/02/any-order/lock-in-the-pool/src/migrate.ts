// Mutant: the lock belongs to a connection of the pool, which goes back there and keeps it.
// Brings the database to the schema that the app expects, as soon as there is a database.

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { pool } from './db.ts';

const schema = new URL('./schema.sql', import.meta.url);
const retryMs = 500;
// Any number will do, as long as all who migrate use the same.
const migrationLock = 20_190_501;

let migrated = false;

export function isMigrated(): boolean {
  return migrated;
}

export async function migrateWhenPossible(): Promise<void> {
  while (!migrated) {
    try {
      await migrate();
    } catch (error) {
      console.error(`The database cannot be prepared yet: ${String(error)}`);
      await delay(retryMs);
    }
  }
}

/** Runs at every start, so it has to work on an empty database and on a full one, and beside others who do the same. */
async function migrate(): Promise<void> {
  const owner = await pool.connect();
  try {
    await owner.query('begin');
    // `if not exists` alone is no protection: two can look at the same moment.
    await owner.query('select pg_advisory_lock($1)', [migrationLock]);
    await owner.query(await readFile(schema, 'utf8'));
    await owner.query('commit');
    migrated = true;
  } finally {
    owner.release();
  }
}

