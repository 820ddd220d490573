// Mutant: when a page asks, the API asks client for the origin that may, until it gets an answer.
// What the machine tells the app about itself and about the others.

import path from 'node:path';

const databaseUrl = required('DATABASE_URL');

export const config = {
  host: process.env.HOST ?? '127.0.0.1',
  port: Number(process.env.PORT ?? 3000),
  machineName: process.env.MACHINE_NAME ?? 'api',
  /** The machine's own disk: what is written here survives a restart. */
  dataDir: path.resolve(process.env.DATA_DIR ?? 'data'),
  /** Where the page is, which knows its own origin. */
  clientUrl: required('CLIENT_URL'),
  /** Where people outside reach this API: addresses that are given to them begin with it. */
  publicUrl: required('PUBLIC_URL'),
  /** Where the database is, and who the app is there. */
  databaseUrl,
  /** The same database for its owner, who prepares the schema and does nothing else. */
  migrationDatabaseUrl: process.env.MIGRATION_DATABASE_URL ?? databaseUrl,
  poolMax: Number(process.env.POOL_MAX ?? 10),
};

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: give it to this service in stack.ts.`);
  return value;
}
