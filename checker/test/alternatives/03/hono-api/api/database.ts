// One pool, and the tables, which are made as soon as there is a database.

import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Problem } from './problems.ts';
import { settings } from './settings.ts';

const tables = `
  create table if not exists people (
    id bigint generated always as identity primary key,
    name text not null,
    secret text not null
  );
  create unique index if not exists people_name on people (lower(name));
  -- A token is kept as its hash: whoever reads this table can log in as nobody.
  create table if not exists tokens (
    hash bytea primary key,
    person_id bigint not null references people on delete cascade,
    until timestamptz not null
  );
  create table if not exists photos (
    id bigint generated always as identity primary key,
    person_id bigint not null references people,
    caption text not null,
    file text not null,
    posted_at timestamptz not null default now()
  );
  create table if not exists likes (
    photo_id bigint references photos on delete cascade,
    person_id bigint references people,
    primary key (photo_id, person_id)
  );`;

const pool = new pg.Pool({
  connectionString: settings.database,
  max: settings.poolMax,
  connectionTimeoutMillis: 2000,
  statement_timeout: 2000,
  query_timeout: 2300,
});
pool.on('error', (error) => console.warn(`A connection broke while nobody used it: ${error.message}`));

let prepared = false;

export async function prepare(): Promise<void> {
  while (!prepared) {
    try {
      await pool.query(tables);
      prepared = true;
    } catch (error) {
      console.warn(`The tables cannot be prepared yet: ${String(error)}`);
      await delay(300);
    }
  }
}

/** One statement. @throws Problem 503 when the database cannot be had; pg.DatabaseError when it says no. */
export async function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  if (!prepared) throw away('its tables are not there yet');
  try {
    const { rows } = await pool.query<Row>(text, values);
    return rows;
  } catch (error) {
    throw isAway(error) ? away(error instanceof Error ? error.message : String(error)) : error;
  }
}

function away(reason: string): Problem {
  return new Problem(503, `The database cannot be used at the moment: ${reason}.`, { 'Retry-After': '1' });
}

function isAway(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|28|3D|53|57)/.test(error.code ?? '');
}
