// One pool. Its patience and the one for an answer are each shorter than what is promised for both together.

import pg from 'pg';
import { isPrepared } from './migrations.ts';
import { Problem } from './problems.ts';
import { settings } from './settings.ts';

const pool = new pg.Pool({
  ...settings.database,
  ...settings.role,
  max: settings.poolMax,
  connectionTimeoutMillis: 2000,
  statement_timeout: 2000,
  query_timeout: 2300,
  idleTimeoutMillis: 5000,
});
pool.on('error', (error) => console.warn(`A connection broke while nobody used it: ${error.message}`));

/** One statement. @throws Problem 503 when the database cannot be had; pg.DatabaseError when it says no. */
export async function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  if (!isPrepared()) throw away('its tables are not there yet');
  try {
    const { rows } = await pool.query<Row>(text, values);
    return rows;
  } catch (error) {
    throw isAway(error) ? away(error instanceof Error ? error.message : String(error)) : error;
  }
}

function away(reason: string): Problem {
  return new Problem(503, `The database cannot be used at the moment: ${reason}.`, 1);
}

function isAway(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  return ['08', '28', '3D', '53', '57'].includes(error.code?.slice(0, 2) ?? '');
}
