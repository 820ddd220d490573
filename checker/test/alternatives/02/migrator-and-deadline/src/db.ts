// The way to the database: `pool.query` for everything. It closes a connection whose statement failed, and listens
// for the errors of those in use.

import pg from 'pg';
import { config } from './config.ts';
import { Problem } from './problems.ts';

const pool = new pg.Pool({
  max: config.poolMax,
  connectionTimeoutMillis: 1200,
  statement_timeout: 2500,
  query_timeout: 3000,
  idleTimeoutMillis: 1000,
});
pool.on('error', ({ message }) => console.error(`An unused connection was lost: ${message}`));

/** Runs one statement; values go beside the text and never into it. */
export async function query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
  try {
    return (await pool.query<Row>(text, values)).rows;
  } catch (error) {
    // 42P01, 42501: the migrator has not made the tables yet, or not given us the rights.
    const said = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
    if (said === '' || /^(08|28|3D|53|57|42P01|42501)/.test(said)) throw new Unavailable(`the database cannot be used (${said || String(error)})`);
    throw error;
  }
}

export class Unavailable extends Problem {
  constructor(reason: string) {
    super(503, `Please try again soon: ${reason}.`, { 'Retry-After': '2' });
  }
}
