// Mutant: the database answers before a commit is in its log.
// The way to the database: a socket on this machine's own disk.

import path from 'node:path';
import pg from 'pg';
import { config } from './config.ts';

const pool = new pg.Pool({
  host: path.join(config.dataDir, 'postgres'),
  port: 5432,
  user: 'graminsta',
  database: 'graminsta',
  options: '-c synchronous_commit=off',
});

/** Runs one statement; values go beside the text and never into it. */
export async function query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
  const result = await pool.query<Row>(text, values);
  return result.rows;
}
