// Who is connected to a database, as whom, and what they may do and hold. The checker's own sessions are left out.

import type pg from 'pg';
import { checkerName } from '../runtime/checker-name.ts';

/** Asks a database, as its superuser. */
export type Ask = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;

export interface SessionSeen {
  pid: number;
  user: string;
  state: string;
  waitsForLock: boolean;
  /** What it runs, or ran last; empty where it never ran anything. */
  statement: string;
}

/** A lock on a number, which only those who ask for it know of. */
export interface AdvisoryLockSeen {
  number: string;
  /** False: somebody waits for it. */
  held: boolean;
  /** Of the session: `idle`, `active`. */
  state: string;
}

export interface RoleSeen {
  name: string;
  superuser: boolean;
  createsRoles: boolean;
  createsDatabases: boolean;
  /** Whether it may copy the whole server. */
  replicates: boolean;
  /** Whether it may read or change `pg_authid`, where the passwords of all roles are. */
  readsPasswords: boolean;
  /** Roles that it may become and that may do any of this, or reach the server's files and programs. */
  memberOf: string[];
  /** What ran as this role; nothing where it only logged in. */
  statements: string[];
}

/** Everybody else's sessions on this server. */
export function sessionsOn(ask: Ask): Promise<SessionSeen[]> {
  return ask<SessionSeen & pg.QueryResultRow>(
    `SELECT pid, usename AS user, coalesce(state, '') AS state, coalesce(wait_event_type = 'Lock', false) AS "waitsForLock",
       coalesce(query, '') AS statement
     FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> $1`,
    [checkerName],
  );
}

export function advisoryLocksOn(ask: Ask): Promise<AdvisoryLockSeen[]> {
  return ask<AdvisoryLockSeen & pg.QueryResultRow>(
    `SELECT format('%s/%s', l.classid, l.objid) AS number, l.granted AS held, coalesce(a.state, '') AS state
     FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND a.application_name <> $1`,
    [checkerName],
  );
}

/** Cancels what everybody waits for, as an administrator would. Returns how many statements that were. */
export async function cancelWaiting(ask: Ask): Promise<number> {
  const rows = await ask(
    `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND application_name <> $1 AND wait_event_type = 'Lock'`,
    [checkerName],
  );
  return rows.length;
}

/**
 * The roles whose statements ran in a database or that are logged in there, and what they may do. Only statements that were sent
 * count: those of a foreign key run as the owner of its table, whoever set them off.
 * @param askStatistics asks the database in which the statistics of all are
 */
export async function rolesIn(database: string, ask: Ask, askStatistics: Ask): Promise<RoleSeen[]> {
  const ran = await askStatistics<{ userid: number; name: string; statements: string[] }>(
    `SELECT s.userid, r.rolname AS name, array_agg(s.query ORDER BY s.query) AS statements
     FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid
     WHERE d.datname = $1 AND s.toplevel GROUP BY s.userid, r.rolname`,
    [database],
  );
  // Rights on tables, those of the catalog too, are kept in each database: they have to be asked for in the app's.
  const roles = await ask<Omit<RoleSeen, 'statements'> & pg.QueryResultRow>(
    `SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolcreaterole AS "createsRoles", r.rolcreatedb AS "createsDatabases",
       r.rolreplication AS replicates,
       (has_table_privilege(r.oid, 'pg_catalog.pg_authid', 'SELECT, INSERT, UPDATE, DELETE')
        OR has_table_privilege(r.oid, 'pg_catalog.pg_shadow', 'SELECT')) AS "readsPasswords",
       ARRAY(SELECT m.rolname::text FROM pg_roles m
             WHERE m.oid <> r.oid AND pg_has_role(r.oid, m.oid, 'MEMBER')
               AND (m.rolsuper OR m.rolcreaterole OR m.rolcreatedb OR m.rolreplication
                    OR has_table_privilege(m.oid, 'pg_catalog.pg_authid', 'SELECT')
                    OR m.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files'))) AS "memberOf"
     FROM pg_roles r
     WHERE r.oid IN (SELECT unnest($2::oid[])
                     UNION SELECT usesysid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = $1)
       AND r.rolname <> 'postgres'
     ORDER BY name`,
    [database, ran.map(({ userid }) => userid)],
  );
  return roles.map((role) => ({ ...role, statements: ran.find(({ name }) => name === role.name)?.statements ?? [] }));
}
