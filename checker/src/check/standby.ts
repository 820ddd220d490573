// How far behind a standby is, and how to make it so.

import type pg from 'pg';
import { until } from '../runtime/until.ts';

/** Asks a server. */
export type Ask = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;

/** Longer than any lag that a check asks for. */
const patienceMs = 10_000;

/**
 * Makes a standby show each commit `ms` after the primary had it; 0 is as soon as it can. Commits that wait already are held to the
 * new time. It lasts until it is set again. A standby that is killed and started again may begin before what it showed already, and
 * then holds that back too.
 * @param ask in a session that is new each time
 */
export async function setLag(ask: Ask, ms: number): Promise<void> {
  await requireStandby(ask);
  // Not on the command line of its start, which would win over any change.
  await ask(`ALTER SYSTEM SET recovery_min_apply_delay = '${Math.round(ms)}ms'`);
  await ask('SELECT pg_reload_conf()');
  // The server tells all its processes of a new setting before it begins another session: when that one knows, all do.
  await until(
    `a lag of ${ms} ms`,
    async () => (await ask("SELECT FROM pg_settings WHERE name = 'recovery_min_apply_delay' AND setting = $1", [String(Math.round(ms))])).length > 0,
    { timeoutMs: patienceMs },
  );
}

/** A standby goes on receiving, and shows nothing new. Fulfilled when that is so. */
export async function holdReplay(ask: Ask): Promise<void> {
  await requireStandby(ask);
  await ask('SELECT pg_wal_replay_pause()');
  // "requested" is what it says while it is still at something, as at a commit that waits for its time.
  await until('the replay to be held', async () => (await ask("SELECT WHERE pg_get_wal_replay_pause_state() = 'paused'")).length > 0, { timeoutMs: patienceMs });
}

export async function releaseReplay(ask: Ask): Promise<void> {
  await requireStandby(ask);
  await ask('SELECT pg_wal_replay_resume()');
}

/**
 * Where a server is in the log, in bytes: a primary after what it wrote last, a standby after what it shows. What was
 * committed before a primary's position was asked for is visible on a standby whose position is not smaller.
 */
export async function positionOf(ask: Ask): Promise<bigint> {
  const [row] = await ask<{ position: string }>(
    "SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn)::text AS position",
  );
  return BigInt(row?.position ?? 0);
}

async function requireStandby(ask: Ask): Promise<void> {
  if ((await ask('SELECT WHERE pg_is_in_recovery()')).length === 0) throw new Error('Only a standby can be made to lag, and this is none.');
}
