// initdb takes longer than a whole step's stack may, so its result is made once and copied for each machine.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chown, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { cacheFolder } from '../cache.ts';
import { Log } from '../log.ts';
import { ServiceProcess } from '../process.ts';
import type { RunDirectory } from '../run-directory.ts';
import { postgresPrograms, unprivilegedIdentity } from './binaries.ts';
import { awaitReady } from './ready.ts';
import { createStandbyRole } from './replication.ts';

const run = promisify(execFile);

/**
 * Settings for servers whose data is thrown away: nothing waits for the disk, so a power cut would lose data. What
 * a killed process has written is with the operating system and survives, which is all that a check relies on.
 */
const settings = `
fsync = off
full_page_writes = off
io_method = sync
jit = off
shared_buffers = 32MB
min_wal_size = 2MB
max_wal_size = 512MB
autovacuum = off
max_logical_replication_workers = 0
wal_level = replica
max_wal_senders = 4
max_replication_slots = 4
hot_standby = on
huge_pages = off
dynamic_shared_memory_type = mmap
logging_collector = off
timezone = 'UTC'
log_timezone = 'UTC'
listen_addresses = '127.0.0.1'
shared_preload_libraries = 'pg_stat_statements'
compute_query_id = on
pg_stat_statements.track = all
pg_stat_statements.save = off
`;

/** On the machine itself no password is asked for; over the network it always is. */
const access = `
local all all trust
host all all 127.0.0.0/8 scram-sha-256
host replication all 127.0.0.0/8 scram-sha-256
`;

/** The same where the machines of a stack have networks and addresses of their own. */
export const accessFromMachines = access.replaceAll('127.0.0.0/8', 'all');

/** What the official image makes of its variables, for the defaults of `postgres()`. */
const setup = [
  'CREATE EXTENSION pg_stat_statements',
  "CREATE ROLE graminsta SUPERUSER LOGIN PASSWORD 'graminsta'",
  'CREATE DATABASE graminsta OWNER graminsta',
  createStandbyRole,
  "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'",
  'DROP DATABASE template0',
  'CHECKPOINT',
];

let template: Promise<string> | undefined;

/** A data directory to copy. The first call on a computer makes it, in about a second. */
export function postgresTemplate(runDirectory: RunDirectory): Promise<string> {
  template ??= make(runDirectory);
  return template;
}

/** Makes a data directory, copied with its owner and mode, without which the server would refuse it. */
export async function copyTemplate(data: string, runDirectory: RunDirectory): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', GRAMINSTA_RUN: runDirectory.id };
  await run('cp', ['-a', await postgresTemplate(runDirectory), data], { env });
}

async function make(runDirectory: RunDirectory): Promise<string> {
  const { initdb, postgres, version } = await postgresPrograms();
  const key = createHash('sha256').update([version, settings, access, ...setup].join('\n')).digest('hex').slice(0, 12);
  const finished = path.join(cacheFolder(), `template-${key}`);
  if (existsSync(finished)) return finished;

  const identity = unprivilegedIdentity();
  const folder = await mkdtemp(path.join(runDirectory.path, 'template-'));
  const data = path.join(folder, 'data');
  if (identity) await chown(folder, identity.uid, identity.gid);
  const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions', '--wal-segsize=1', '--no-data-checksums'];
  await run(initdb, ['-D', data, ...options], { ...identity, cwd: '/', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } });
  await appendFile(path.join(data, 'postgresql.conf'), settings);
  await writeFile(path.join(data, 'pg_hba.conf'), access);

  const server = await ServiceProcess.start({
    command: postgres,
    args: ['-D', data, '-k', folder, '-c', 'listen_addresses='],
    cwd: '/',
    env: { LC_ALL: 'C' },
    identity,
    log: new Log(),
    run: runDirectory,
  });
  await awaitReady(data, server);
  const client = new pg.Client({ host: folder, user: 'postgres', database: 'postgres' });
  await client.connect();
  for (const statement of setup) await client.query(statement);
  await client.end();
  await server.terminate(10_000, 'SIGINT');

  const moved = `${finished}.${process.pid}`;
  await mkdir(path.dirname(finished), { recursive: true });
  await run('cp', ['-a', data, moved]);
  // Another command may have been faster; both templates are alike.
  await rename(moved, finished).catch(() => rm(moved, { recursive: true }));
  await rm(folder, { recursive: true });
  return finished;
}
