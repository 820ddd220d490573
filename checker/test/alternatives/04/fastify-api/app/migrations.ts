// The tables. Whoever starts first makes them; the others wait at the lock and find them there.

import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { settings } from './settings.ts';

const versions = [
  `create table people (id bigint generated always as identity primary key, name text not null, secret text not null);
   create unique index people_name on people (lower(name));
   create table photos (
     id bigint generated always as identity primary key,
     person_id bigint not null references people,
     caption text not null,
     type text not null,
     bytes bytea not null,
     posted_at timestamptz not null default now()
   );
   create table likes (photo_id bigint references photos on delete cascade, person_id bigint references people, primary key (photo_id, person_id));`,
  `create table tokens (hash text primary key, person_id bigint not null references people, until timestamptz not null);
   create table attempts (address text not null, at timestamptz not null default now());
   create index attempts_by_address on attempts (address, at);`,
  `alter table photos add column key text;
   create unique index photos_key on photos (person_id, key) where key is not null;`,
];

let prepared = false;

export function isPrepared(): boolean {
  return prepared;
}

export async function keepMigrating(): Promise<void> {
  while (!prepared) {
    const owner = postgres(settings.ownerUrl, { max: 1, connect_timeout: 2, onnotice: () => {} });
    try {
      await owner.begin(migrate);
      prepared = true;
    } catch (error) {
      console.warn(`The tables cannot be prepared yet: ${String(error)}`);
      await delay(300);
    } finally {
      await owner.end({ timeout: 1 });
    }
  }
}

async function migrate(owner: postgres.TransactionSql): Promise<void> {
  await owner`select pg_advisory_xact_lock(4)`;
  await owner`create table if not exists versions (version integer primary key)`;
  const [done] = await owner<{ count: number }[]>`select count(*)::int as count from versions`;
  for (const [version, statements] of versions.entries()) {
    if (version < (done?.count ?? 0)) continue;
    await owner.unsafe(statements);
    await owner`insert into versions values (${version})`;
  }
  const { name, password } = settings.role;
  const known = await owner`select from pg_roles where rolname = ${name}`;
  if (known.count === 0) await owner.unsafe(`create role "${name}" login password '${password.replaceAll("'", "''")}'`);
  await owner.unsafe(`grant select, insert, update, delete on all tables in schema public to "${name}"`);
}
