// What the machine tells the app about itself. Where the database is, `pg` reads by itself: PGHOST, PGPORT,
// PGDATABASE, PGUSER and PGPASSWORD.

import path from 'node:path';

for (const name of ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGPASSWORD', 'POOL_MAX']) {
  if (!process.env[name]) throw new Error(`${name} is not set.`);
}

export const config = {
  host: process.env.HOST ?? '127.0.0.1',
  port: Number(process.env.PORT ?? 3000),
  machineName: process.env.MACHINE_NAME ?? 'server',
  /** The machine's own disk: what is written here survives a restart. */
  dataDir: path.resolve(process.env.DATA_DIR ?? 'data'),
  poolMax: Number(process.env.POOL_MAX),
};
