// The two databases: the primary, which is right and takes every change, and its replica, a little behind, for readers.

import type { QueryResultRow } from 'pg';
import { Breaker } from './breaker.ts';
import { config } from './config.ts';
import { Database, DatabaseUnavailable } from './database.ts';
import { isMigrated } from './migrate.ts';

// #region two
// For changes there is nobody else. Both waits together are 4 s.
const primary = new Database(config.databaseUrl, config.poolMax, { connectMs: 1500, statementMs: 2000, answerMs: 2500 });
// For readers there is, and its breaker says how long they wait. These are for when there is not.
const replica = new Database(config.replicaUrl, config.poolMax, { connectMs: 500, statementMs: 900, answerMs: 1000 });

/** Runs one statement. */
export type Query = <Row extends QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;

/** On the primary. Every change, and whatever has to be true at this moment: who is logged in, above all. Throws `DatabaseUnavailable`. */
export const query: Query = async (text, values) => {
  if (!isMigrated()) throw new DatabaseUnavailable('its schema is not prepared yet');
  const rows = await primaryBreaker.watch(primary.query(text, values));
  if (/\b(insert into|delete from) (photos|likes)\b/.test(text)) await primary.query('update feed_version set version = version + 1');
  return rows;
};

// It keeps nobody from asking: a change has nowhere else to go. But readers who can be shown something older need not wait.
const primaryBreaker = new Breaker({
  name: 'the primary',
  probe: () => primary.query('select 1'),
  // A statement that the primary refuses was answered by it.
  isFailure: (error) => error instanceof DatabaseUnavailable,
});

/** Whether the last who asked the primary have waited in vain. */
export const isPrimaryAway = (): boolean => primaryBreaker.isOpen;

// A replica that does not answer soon, or not as it should, is as good as none.
const replicaBreaker = new Breaker({
  name: 'the replica',
  patienceMs: 300,
  probe: () => replica.query('select version from feed_version'),
});

/** On the replica, which may be away: throws whatever went wrong, and soon, unless there is nobody else who could be asked. */
export const queryReplica: Query = (text, values) => {
  if (isPrimaryAway()) return replica.query(text, values);
  return replicaBreaker.run(() => replica.query(text, values));
};

export async function closePools(): Promise<void> {
  await Promise.all([primary.close(), replica.close()]);
}
// #endregion
