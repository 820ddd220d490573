// What makes a Postgres a streaming standby of another, and that other one a primary that can be followed.
// See "Log-Shipping Standby Servers" in the manual of Postgres.

import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import type { Address } from '../../stack/resolve.ts';
import { giveToServer } from './binaries.ts';

/** The server that is followed, as far as a standby has to know it. */
export interface Primary {
  readonly machine: string;
  /** Its data directory. */
  readonly data: string;
  readonly running: boolean;
  adminConfig(): pg.ClientConfig;
}

/** As whom a standby connects to its primary; the app has no use for it. */
const role = 'graminsta_standby';

export const createStandbyRole = `CREATE ROLE ${role} REPLICATION LOGIN PASSWORD '${role}'`;

/**
 * Settings of a server that others follow. What it wrote is kept for one that was away. A replication slot would keep it too, but
 * without end, also for a standby that stack.ts has no more, and each standby would need one.
 */
export const primarySettings: readonly string[] = ['-c', 'wal_keep_size=256MB'];

/**
 * Settings of a standby. Without its primary it tries again twenty times a second, and not every five seconds. It tells the primary
 * what its queries still read, so that none is cancelled because of rows that the primary has cleaned up.
 * @param name what its primary lists it by
 * @param primary where it reaches its primary: its end of the wire
 */
export function standbySettings(name: string, { host, port }: Address): string[] {
  const connection = { host, port, user: role, password: role, application_name: name, connect_timeout: 5 };
  const settings = {
    primary_conninfo: Object.entries(connection).map(([key, value]) => `${key}=${value}`).join(' '),
    wal_retrieve_retry_interval: '50ms',
    wal_receiver_status_interval: '1s',
    hot_standby_feedback: 'on',
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}

const signalOf = (data: string): string => path.join(data, 'standby.signal');

/** Whether a server starts as a standby with this data. */
export function isStandby(data: string): boolean {
  return existsSync(signalOf(data));
}

/** From its next start on, the server with this data is a standby. */
export async function becomeStandby(data: string): Promise<void> {
  await writeFile(signalOf(data), '');
  await giveToServer(signalOf(data));
}

/** From its next start on, it is on its own. */
export async function standAlone(data: string): Promise<void> {
  await rm(signalOf(data), { force: true });
}
