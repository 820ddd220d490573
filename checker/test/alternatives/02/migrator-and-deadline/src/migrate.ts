// Runs on a machine of its own: prepares the tables, and the role that the app works as. Tried until it works; then
// there is nothing left to do, and no connection stays open.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const { HOST, PORT, OWNER_URL, APP_USER = '', APP_PASSWORD = '', MACHINE_NAME = 'migrator' } = process.env;
const schema = new URL('./schema.sql', import.meta.url);
let done = false;

createServer((req, res) => {
  const ok = done || req.url === '/livez';
  res.writeHead(ok ? 200 : 503, { 'Content-Type': 'text/plain', 'X-Served-By': MACHINE_NAME });
  res.end(done ? 'The database is prepared.' : 'The database is not prepared yet.');
}).listen(Number(PORT), HOST);

while (!done) {
  try {
    await migrate();
    done = true;
  } catch (error) {
    console.error(`The database cannot be prepared yet: ${String(error)}`);
    await delay(300);
  }
}

async function migrate(): Promise<void> {
  const owner = new pg.Client({ connectionString: OWNER_URL, connectionTimeoutMillis: 2000, query_timeout: 5000 });
  owner.on('error', () => {});
  try {
    await owner.connect();
    // Statements that are sent together without parameters are one transaction: all of it is there, or nothing.
    await owner.query(`${await readFile(schema, 'utf8')};\n${roleStatements()}`);
  } finally {
    await owner.end();
  }
}

/** This machine is the only one that migrates, so nobody else can make the role between the look and the creation. */
function roleStatements(): string {
  const role = pg.escapeIdentifier(APP_USER);
  return `
    do $$ begin
      if not exists (select from pg_roles where rolname = ${pg.escapeLiteral(APP_USER)}) then create role ${role}; end if;
    end $$;
    alter role ${role} with login password ${pg.escapeLiteral(APP_PASSWORD)};
    grant select, insert, update, delete on users, photos, likes to ${role}`;
}
