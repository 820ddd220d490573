// The tables, in numbered pieces. Two apps may begin at the same moment: the database lets one of them have its way,
// the other one is told that something exists already, rolls back, tries again and finds that nothing is left to do.

import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { settings } from './settings.ts';

const pieces = [
  `create table people (
    id bigint generated always as identity primary key,
    name text not null,
    secret text not null
  );
  create unique index people_name on people (lower(name));`,
  `create table photos (
    id bigint generated always as identity primary key,
    person_id bigint not null references people,
    caption text not null,
    posted_at timestamptz not null default now()
  );
  create table images (
    photo_id bigint primary key references photos on delete cascade,
    type text not null,
    bytes bytea not null
  );`,
  `create table likes (
    photo_id bigint references photos on delete cascade,
    person_id bigint references people,
    primary key (photo_id, person_id)
  );`,
];

let prepared = false;

export function isPrepared(): boolean {
  return prepared;
}

export async function keepMigrating(): Promise<void> {
  while (!prepared) {
    try {
      await asOwner(migrate);
      prepared = true;
    } catch (error) {
      console.warn(`The tables cannot be prepared yet: ${String(error)}`);
      await delay(300);
    }
  }
}

async function asOwner(work: (owner: pg.Client) => Promise<void>): Promise<void> {
  const owner = new pg.Client({ ...settings.database, ...settings.owner, connectionTimeoutMillis: 2000, query_timeout: 8000 });
  owner.on('error', () => {});
  try {
    await owner.connect();
    await owner.query('begin');
    await work(owner);
    await owner.query('commit');
  } finally {
    // An open transaction ends with its connection.
    await owner.end();
  }
}

async function migrate(owner: pg.Client): Promise<void> {
  await owner.query('create table if not exists migrations (piece integer primary key)');
  const { rows } = await owner.query<{ piece: number }>('select piece from migrations');
  const done = new Set(rows.map(({ piece }) => piece));
  for (const [piece, statements] of pieces.entries()) {
    if (done.has(piece)) continue;
    await owner.query('insert into migrations values ($1)', [piece]);
    await owner.query(statements);
  }
  await prepareRole(owner);
}

async function prepareRole(owner: pg.Client): Promise<void> {
  const name = pg.escapeIdentifier(settings.role.user);
  const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [settings.role.user]);
  if (rowCount === 0) await owner.query(`create role ${name} login`);
  await owner.query(`alter role ${name} password ${pg.escapeLiteral(settings.role.password)}`);
  await owner.query(`grant select, insert, update, delete on people, photos, images, likes to ${name}`);
}
