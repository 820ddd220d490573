// Brings the database to the schema that the app expects, as soon as there is a database. With npm's `postgres`:
// `begin` gives the transaction a connection, and a throw inside rolls back.

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { config } from './config.ts';

const schema = new URL('./schema.sql', import.meta.url);
const retryMs = 400;
const longestMs = 10_000;
// Any number will do, as long as all who migrate use the same.
const migrationLock = 4711;

let migrated = false;

export function isMigrated(): boolean {
  return migrated;
}

export async function migrateWhenPossible(): Promise<void> {
  while (!migrated) {
    const owner = postgres(config.migrationDatabaseUrl, {
      max: 1,
      connect_timeout: 2,
      connection: { statement_timeout: longestMs - 1000 },
      onnotice: () => {},
    });
    try {
      await Promise.race([migrate(owner), tooLong()]);
      migrated = true;
    } catch (error) {
      console.error(`The database cannot be prepared yet: ${String(error)}`);
      await delay(retryMs);
    } finally {
      await owner.end({ timeout: 0 });
    }
  }
}

async function tooLong(): Promise<never> {
  await delay(longestMs, undefined, { ref: false });
  throw new Error(`it took more than ${longestMs} ms`);
}

/** The lock comes first and goes with the commit, so one of two who migrate at the same moment waits. */
async function migrate(owner: postgres.Sql): Promise<void> {
  const text = await readFile(schema, 'utf8');
  await owner.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${migrationLock})`;
    await transaction.unsafe(text);
    await prepareRole(transaction);
  });
}

/** The role that DATABASE_URL names may read and change rows. Postgres itself does the quoting, with `format`. */
async function prepareRole(owner: postgres.TransactionSql): Promise<void> {
  const url = new URL(config.databaseUrl);
  const name = decodeURIComponent(url.username);

  const [text] = await owner<{ create: string; login: string; grant: string; exists: boolean; isOwner: boolean }[]>`
    select format('create role %I', ${name}::text) as create,
      format('alter role %I with login password %L', ${name}::text, ${decodeURIComponent(url.password)}::text) as login,
      format('grant select, insert, update, delete on all tables in schema public to %I', ${name}::text) as grant,
      exists (select from pg_roles where rolname = ${name}) as exists,
      current_user = ${name} as "isOwner"`;
  if (!text) throw new Error('The database did not quote the name of the role.');
  if (text.isOwner) return;
  if (!text.exists) await owner.unsafe(text.create);
  await owner.unsafe(text.login);
  await owner.unsafe(text.grant);
}
