// The first data of a standby.

import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import type { RunDirectory } from '../run-directory.ts';
import { until } from '../until.ts';
import { copyOfRunning } from './copy.ts';
import { becomeStandby, createStandbyRole, type Primary } from './replication.ts';
import { inSession } from './session.ts';
import { copyTemplate, postgresTemplate } from './template.ts';

/**
 * Makes the data directory of a new standby. While its primary has all of the log since it was itself copied from the template,
 * the standby may be such a copy too, and reads the rest over the wire: that is quick, and the primary need not run. Otherwise, as
 * when a primary with old data gets its first standby, the data is copied as it stands.
 * @throws Error when it has to be copied and the primary does not run
 */
export async function layOutStandby(data: string, primary: Primary, run: RunDirectory): Promise<void> {
  if (await hasLogSince(await postgresTemplate(run), primary.data)) await copyTemplate(data, run);
  else await copyOfRunning(primary, data, createRoleIfMissing);
  await becomeStandby(data);
}

/** The primary's data may be from before there was such a role. */
const createRoleIfMissing = `DO $$ BEGIN ${createStandbyRole}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`;

/** Whether a server began as this template and has kept all of its log; true of one that has not begun at all. */
async function hasLogSince(template: string, data: string): Promise<boolean> {
  if (!existsSync(data)) return true;
  if (!(await identifierOf(data)).equals(await identifierOf(template))) return false;
  const segments = (await readdir(path.join(template, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name));
  return segments.every((name) => existsSync(path.join(data, 'pg_wal', name)));
}

/** What initdb gave a database and all copies of it: the first eight bytes of its control file. */
async function identifierOf(data: string): Promise<Buffer> {
  const file = await open(path.join(data, 'global', 'pg_control'));
  try {
    return (await file.read(Buffer.alloc(8), 0, 8, 0)).buffer;
  } finally {
    await file.close();
  }
}

/**
 * Waits until a new standby has all that its primary has at this moment: before that, nobody would know its data. Does not
 * wait for a primary that does not run.
 * @throws TimeoutError when it does not come to that
 */
export async function untilCaughtUp(standby: pg.ClientConfig, primary: Primary): Promise<void> {
  if (!primary.running) return;
  // A primary may be a standby itself.
  const position = 'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS position';
  const [wanted] = await inSession(primary.adminConfig(), async (client) => (await client.query<{ position: string }>(position)).rows);
  await inSession(standby, (client) =>
    until(
      `a new standby to have what ${primary.machine} has`,
      async () => (await client.query('SELECT WHERE pg_last_wal_replay_lsn() >= $1::pg_lsn', [wanted?.position])).rowCount === 1,
      { timeoutMs: 10_000, everyMs: 2 },
    ),
  );
}
