// The way to the database: a socket on this machine's own disk.

import path from 'node:path';
import pg from 'pg';
import { config } from './config.ts';

// Exercise 2.2: where the database is and who the app is there comes from outside.
// Exercise 2.3: at most POOL_MAX connections, and nobody waits for one for ever.
const pool = new pg.Pool({
  host: path.join(config.dataDir, 'postgres'),
  port: 5432,
  user: 'graminsta',
  database: 'graminsta',
});

// Exercise 2.4: a lost database is a 503 with Retry-After, and no reason to exit.
// Exercise 2.5: a database that says nothing must not keep a request for more than 5 s.
/** Runs one statement; values go beside the text and never into it. */
export async function query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
  const result = await pool.query<Row>(text, values);
  return result.rows;
}
