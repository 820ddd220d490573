// What the machine tells the app about itself and about the others.

const databaseUrl = required('DATABASE_URL');

export const config = {
  host: process.env.HOST ?? '127.0.0.1',
  port: Number(process.env.PORT ?? 3000),
  machineName: process.env.MACHINE_NAME ?? 'api',
  /** The page's origin: the one that may call this API from a browser. */
  webOrigin: new URL(required('WEB_ORIGIN')).origin,
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
