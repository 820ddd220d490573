// What the machine tells the app about itself and about the others.

const databaseUrl = required('DATABASE_URL');

export const config = {
  host: process.env.HOST ?? '127.0.0.1',
  port: Number(process.env.PORT ?? 3000),
  machineName: process.env.MACHINE_NAME ?? 'api',
  /** The page's origins, one for each edge: those that may call this API from a browser. */
  webOrigins: required('WEB_ORIGINS').split(',').map((url) => new URL(url).origin),
  /** Where this machine reaches storage. */
  storageUrl: required('STORAGE_URL'),
  /** Where people outside reach storage: their bytes go there. */
  storagePublicUrl: required('STORAGE_PUBLIC_URL'),
  /** What permissions to upload are signed with, here and on storage. */
  uploadSecret: required('UPLOAD_SECRET'),
  /** For how long such a permission holds. */
  uploadMs: Number(process.env.UPLOAD_SECONDS ?? 300) * 1000,
  /** Where the database is, and who the app is there. */
  databaseUrl,
  /** The same database for its owner, who prepares the schema and does nothing else. */
  migrationDatabaseUrl: process.env.MIGRATION_DATABASE_URL ?? databaseUrl,
  /** The replica, for the same role: it has all that the primary has, roles too. */
  replicaUrl: required('REPLICA_URL'),
  cacheUrl: required('CACHE_URL'),
  /** Connections to each of the two. */
  poolMax: Number(process.env.POOL_MAX ?? 10),
};

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: give it to this service in stack.ts.`);
  return value;
}
