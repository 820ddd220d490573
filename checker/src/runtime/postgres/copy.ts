// A copy of the data of a server that goes on meanwhile. pg_basebackup, which would make it, is not in npm's Postgres, so it is made
// by hand: see "Making a Base Backup Using the Low Level API" in the manual of Postgres.

import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { giveToServer } from './binaries.ts';
import type { Primary } from './replication.ts';
import { inSession } from './session.ts';

/** Folders that are empty in a copy: the log that it needs comes over the wire, and the rest is of the moment. */
const emptied = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']);
/** Files that belong to the running server, and not to its data. */
const leftOut = /^(postmaster\.(pid|opts)|standby\.signal|backup_label.*|pg_internal\.init.*|pgsql_tmp.*)$/;

/**
 * @param before a statement of which the copy has the result
 * @throws Error when the primary does not run
 */
export async function copyOfRunning(primary: Primary, data: string, before: string): Promise<void> {
  if (!primary.running) throw new Error(`The data of ${primary.machine} cannot be copied for a standby while ${primary.machine} does not run.`);
  try {
    // The session that begins a backup has to be there until its end.
    await inSession(primary.adminConfig(), async (client) => {
      await client.query(before);
      await client.query("SELECT pg_backup_start('new standby', fast => true)");
      await copyFolder(primary.data, data);
      const { rows } = await client.query<{ label: string }>('SELECT labelfile AS label FROM pg_backup_stop(wait_for_archive => false)');
      await writeFile(path.join(data, 'backup_label'), rows[0]?.label ?? '');
      await giveToServer(path.join(data, 'backup_label'));
    });
  } catch (error) {
    await rm(data, { recursive: true, force: true });
    throw error;
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  // Postgres refuses data that others may read.
  await mkdir(to, { mode: 0o700 });
  await giveToServer(to);
  if (emptied.has(path.basename(to))) return;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (leftOut.test(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile()) await copyIfThere(source, target);
  }
}

/** A table that is dropped meanwhile takes its files with it; the log tells the copy of that as well. */
async function copyIfThere(source: string, target: string): Promise<void> {
  try {
    await copyFile(source, target);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  await giveToServer(target);
}
