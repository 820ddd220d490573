// Locks and commits that are held, so that what usually takes a moment takes as long as a check wants to look.

import pg from 'pg';
import { checkerName } from '../runtime/checker-name.ts';
import { until } from '../runtime/until.ts';
import type { AdminConnections } from './admin-connections.ts';

/** `exclusive` lets others read; `access exclusive` lets nobody. */
export type LockMode = 'exclusive' | 'access exclusive';

export interface TableLock {
  release(): Promise<void>;
}

/** Holds tables until they are released. @param tables quoted for use in SQL */
export async function lockTables(connections: AdminConnections, mode: LockMode, tables: readonly string[]): Promise<TableLock> {
  const client = await connections.connect();
  // Where a transaction of the app holds one table and wants another, one has to give way, and that is us.
  await client.query("SET deadlock_timeout = '50ms'");
  await until(
    'all tables to be locked',
    async () => {
      await client.query('BEGIN');
      try {
        if (tables.length > 0) await client.query(`LOCK TABLE ${tables.join(', ')} IN ${mode.toUpperCase()} MODE`);
        return true;
      } catch (error) {
        await client.query('ROLLBACK');
        if (error instanceof pg.DatabaseError && error.code === '40P01') return false;
        throw error;
      }
    },
    { timeoutMs: 10_000 },
  );
  return {
    release: async () => {
      await client.query('COMMIT').catch(() => undefined);
      await connections.end(client);
    },
  };
}

/** Nobody creates, drops or changes anything in the schema until it is released; reading the catalog goes on. */
export async function lockSchema(connections: AdminConnections): Promise<TableLock> {
  const client = await connections.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE pg_catalog.pg_class, pg_catalog.pg_type IN SHARE ROW EXCLUSIVE MODE');
  return {
    release: async () => {
      await client.query('COMMIT').catch(() => undefined);
      await connections.end(client);
    },
  };
}

/**
 * Makes every commit wait at the point where it is in the log and nobody has been told: the server waits for a
 * standby that does not exist. A server that is killed then comes back with what was committed, and without the wait.
 */
export async function holdCommits(connections: AdminConnections): Promise<void> {
  await connections.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  await connections.query('SELECT pg_reload_conf()');
  await until(
    'commits to be held',
    async () => {
      const probe = await connections.connect();
      const committed = probe.query("SELECT pg_logical_emit_message(true, 'graminsta', '')").then(() => true, () => true);
      const waits = until('the probe to wait', async () => (await waitingForStandby(connections, true)) > 0, { timeoutMs: 500 }).catch(() => false);
      const held = !(await Promise.race([committed, waits.then((seen) => !seen)]));
      await connections.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = $1 AND application_name = $2', ['SyncRep', checkerName]);
      await connections.end(probe);
      return held;
    },
    { timeoutMs: 5_000 },
  );
  // Only the running server knows of it: this takes the line out of the file that the next start reads.
  await connections.query('ALTER SYSTEM RESET synchronous_standby_names');
}

/** How many commits are held: of ours, or of everybody else's. */
export async function waitingForStandby(connections: AdminConnections, ours: boolean): Promise<number> {
  const [row] = await connections.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND (application_name = $1) = $2`,
    [checkerName, ours],
  );
  return row?.count ?? 0;
}
