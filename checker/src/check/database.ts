// What a database saw, and the accidents that only happen inside one. The checker looks from the machine itself,
// as the superuser; its own sessions are left out of everything that is told.

import pg from 'pg';
import { checkerName } from '../runtime/checker-name.ts';
import type { RunningStack } from '../runtime/index.ts';
import { pause, until } from '../runtime/until.ts';
import { credentialsOf } from '../stack/resolve.ts';
import { holdReplay, positionOf, releaseReplay, setLag } from './standby.ts';
import { statementsSeen, type StatementSeen } from './statements.ts';

/** `exclusive` lets others read; `access exclusive` lets nobody. */
export type LockMode = 'exclusive' | 'access exclusive';

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

export interface TableLock {
  release(): Promise<void>;
}

export class Database {
  readonly #admin: pg.ClientConfig;
  readonly name: string;
  readonly #clients = new Set<pg.Client>();
  #main: { client: pg.Client; connected: Promise<unknown> } | undefined;

  constructor(stack: RunningStack, machine: string) {
    const service = stack.postgres(machine);
    // A standby has its primary's.
    this.name = credentialsOf(stack.description, service.description).database;
    this.#admin = service.adminConfig(this.name);
  }

  /** @throws Error from pg; the statement is the checker's own. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = await this.#connected();
    return (await client.query<Row>(sql, values)).rows;
  }

  /** The tables that the app made, quoted for use in SQL. */
  async tables(): Promise<string[]> {
    const rows = await this.query<{ name: string }>(`
      SELECT format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg~_%' ESCAPE '~' AND n.nspname <> 'information_schema'
      ORDER BY name`);
    return rows.map(({ name }) => name);
  }

  /** Holds these tables until they are released; unless it is said which, every one of the app. */
  async lockTables(mode: LockMode, tables?: readonly string[]): Promise<TableLock> {
    tables ??= await this.tables();
    const client = await this.#connect();
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
        await this.#end(client);
      },
    };
  }

  /** Nobody creates, drops or changes anything in the schema until it is released; reading the catalog goes on. */
  async lockSchema(): Promise<TableLock> {
    const client = await this.#connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE pg_catalog.pg_class, pg_catalog.pg_type IN SHARE ROW EXCLUSIVE MODE');
    return {
      release: async () => {
        await client.query('COMMIT').catch(() => undefined);
        await this.#end(client);
      },
    };
  }

  /** Whether any row of any table of the app holds this text. */
  async holds(text: string): Promise<boolean> {
    for (const table of await this.tables()) {
      const found = await this.query(`SELECT 1 FROM ${table} AS t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [text]);
      if (found.length > 0) return true;
    }
    return false;
  }

  /** Gives every table of the app another name: a fault inside the app, which no request can be blamed for. */
  async hideTables(): Promise<void> {
    for (const [index, table] of (await this.tables()).entries()) await this.query(`ALTER TABLE ${table} RENAME TO "hidden ${index}"`);
  }

  /** Forgets which statements ran. */
  async forgetStatements(): Promise<void> {
    await this.#inPostgres('SELECT pg_stat_statements_reset()');
  }

  /** What ran on this node in the app's database since then, the checker's own left out. A node that was started again begins anew. */
  statements(): Promise<StatementSeen[]> {
    return statementsSeen((sql, values) => this.#inPostgres(sql, values), this.name);
  }

  /** Shows commits so many milliseconds after the primary had them, until it is told otherwise; 0 is at once. @throws Error on a primary */
  lag(ms: number): Promise<void> {
    return setLag((sql, values) => this.#inPostgres(sql, values), ms);
  }

  /** Goes on receiving, and shows nothing new until it is let go, or started again. @throws Error on a primary */
  holdReplay(): Promise<void> {
    return holdReplay((sql, values) => this.#inPostgres(sql, values));
  }

  /** @throws Error on a primary */
  releaseReplay(): Promise<void> {
    return releaseReplay((sql, values) => this.#inPostgres(sql, values));
  }

  /** Where it is in the log, in bytes: a standby shows all that was committed up to there. */
  position(): Promise<bigint> {
    return positionOf((sql) => this.query(sql));
  }

  /** Waits until a standby shows what was committed up to there. @throws TimeoutError */
  async untilAt(position: bigint, { timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    await until(`the standby to be at ${position}`, async () => (await this.position()) >= position, { timeoutMs });
  }

  /**
   * The roles whose statements ran in the app's database since then or that are logged in, and what they may do. Only statements
   * that were sent count: those of a foreign key run as the owner of its table, whoever set them off.
   */
  async rolesSeen(): Promise<RoleSeen[]> {
    const ran = await this.#inPostgres<{ userid: number; name: string; statements: string[] }>(
      `SELECT s.userid, r.rolname AS name, array_agg(s.query ORDER BY s.query) AS statements
       FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid
       WHERE d.datname = $1 AND s.toplevel GROUP BY s.userid, r.rolname`,
      [this.name],
    );
    // Rights on tables, those of the catalog too, are kept in each database: they have to be asked for in the app's.
    const roles = await this.query<Omit<RoleSeen, 'statements'> & pg.QueryResultRow>(
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
      [this.name, ran.map(({ userid }) => userid)],
    );
    return roles.map((role) => ({ ...role, statements: ran.find(({ name }) => name === role.name)?.statements ?? [] }));
  }

  /** Everybody else's sessions on this server. */
  async sessions(): Promise<SessionSeen[]> {
    return this.query<SessionSeen & pg.QueryResultRow>(
      `SELECT pid, usename AS user, coalesce(state, '') AS state, coalesce(wait_event_type = 'Lock', false) AS "waitsForLock",
         coalesce(query, '') AS statement
       FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> $1`,
      [checkerName],
    );
  }

  /** The advisory locks that the app holds or waits for. */
  async advisoryLocks(): Promise<AdvisoryLockSeen[]> {
    return this.query<AdvisoryLockSeen & pg.QueryResultRow>(
      `SELECT format('%s/%s', l.classid, l.objid) AS number, l.granted AS held, coalesce(a.state, '') AS state
       FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND a.application_name <> $1`,
      [checkerName],
    );
  }

  async waiting(): Promise<SessionSeen[]> {
    return (await this.sessions()).filter(({ waitsForLock }) => waitsForLock);
  }

  /**
   * Waits until as many sessions wait for a lock as will: `atLeast` of them, or the number no longer grows.
   * @returns how many wait.
   */
  async untilTheyWait({ atLeast = Infinity, settledMs = 200, timeoutMs = 3_000 }: { atLeast?: number; settledMs?: number; timeoutMs?: number } = {}): Promise<number> {
    const startedAt = performance.now();
    let most = 0;
    let grewAt = startedAt;
    for (;;) {
      const now = (await this.waiting()).length;
      if (now > most) {
        most = now;
        grewAt = performance.now();
      }
      const time = performance.now();
      if (most >= atLeast || (most > 0 && time - grewAt > settledMs) || time - startedAt > timeoutMs) return most;
      await pause(5);
    }
  }

  /** Cancels what everybody waits for, as an administrator would. Returns how many statements that were. */
  async cancelWaiting(): Promise<number> {
    const rows = await this.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND application_name <> $1 AND wait_event_type = 'Lock'`,
      [checkerName],
    );
    return rows.length;
  }

  /**
   * Makes every commit wait at the point where it is in the log and nobody has been told: the server waits for a
   * standby that does not exist. A server that is killed then comes back with what was committed, and without the wait.
   */
  async holdCommits(): Promise<void> {
    await this.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await this.query('SELECT pg_reload_conf()');
    await until(
      'commits to be held',
      async () => {
        const probe = await this.#connect();
        const committed = probe.query("SELECT pg_logical_emit_message(true, 'graminsta', '')").then(() => true, () => true);
        const waits = until('the probe to wait', async () => (await this.#waitingForStandby(true)) > 0, { timeoutMs: 500 }).catch(() => false);
        const held = !(await Promise.race([committed, waits.then((seen) => !seen)]));
        await this.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = $1 AND application_name = $2', ['SyncRep', checkerName]);
        await this.#end(probe);
        return held;
      },
      { timeoutMs: 5_000 },
    );
    // Only the running server knows of it: this takes the line out of the file that the next start reads.
    await this.query('ALTER SYSTEM RESET synchronous_standby_names');
  }

  /** How many of the app's commits are held. */
  heldCommits(): Promise<number> {
    return this.#waitingForStandby(false);
  }

  /**
   * Gives the rows that hold this text moments of time that differ by a microsecond at most, two and two the same:
   * as if they had been imported together. A schema that does not order by time does not notice.
   * @returns how many different moments the column can hold of them; undefined where there is no such column.
   */
  async makeSimultaneous(text: string): Promise<number | undefined> {
    let moments: number | undefined;
    const columns = await this.query<{ table: string; column: string }>(`
      SELECT format('%I.%I', table_schema, table_name) AS table, format('%I', column_name) AS column
      FROM information_schema.columns
      WHERE data_type LIKE 'timestamp%' AND is_generated = 'NEVER'
        AND table_schema NOT LIKE 'pg~_%' ESCAPE '~' AND table_schema <> 'information_schema'`);
    for (const { table, column } of columns) {
      const [found] = await this.query(`SELECT 1 FROM ${table} AS t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [text]);
      if (!found) continue;
      await this.query(`
        WITH ranked AS (SELECT ctid AS place, row_number() OVER (ORDER BY ${column}, ctid) AS rank FROM ${table})
        UPDATE ${table} AS t SET ${column} = date_trunc('milliseconds', now() - interval '1 hour') + ranked.rank / 2 * interval '1 microsecond'
        FROM ranked WHERE t.ctid = ranked.place`).then(
        async () => {
          const [row] = await this.query<{ count: number }>(`SELECT count(DISTINCT ${column})::int AS count FROM ${table}`);
          moments = row?.count;
        },
        () => undefined,
      );
    }
    return moments;
  }

  /** Closes the checker's own connections. */
  async close(): Promise<void> {
    this.#main = undefined;
    await Promise.all([...this.#clients].map((client) => this.#end(client)));
  }

  /** In the database that keeps the statistics of all. */
  async #inPostgres<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ ...this.#admin, database: 'postgres' });
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async #waitingForStandby(ours: boolean): Promise<number> {
    const [row] = await this.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND (application_name = $1) = $2`,
      [checkerName, ours],
    );
    return row?.count ?? 0;
  }

  async #connected(): Promise<pg.Client> {
    if (this.#main) {
      await this.#main.connected;
      return this.#main.client;
    }
    const client = this.#newClient();
    const connected = client.connect();
    this.#main = { client, connected };
    await connected;
    return client;
  }

  /** One more session of the checker's own, for what has to stay open. */
  async #connect(): Promise<pg.Client> {
    const client = this.#newClient();
    await client.connect();
    return client;
  }

  #newClient(): pg.Client {
    const client = new pg.Client(this.#admin);
    this.#clients.add(client);
    const forget = (): void => {
      this.#clients.delete(client);
      if (this.#main?.client === client) this.#main = undefined;
    };
    // The server may be killed under it: that is what checks do.
    client.on('error', forget);
    client.on('end', forget);
    return client;
  }

  async #end(client: pg.Client): Promise<void> {
    this.#clients.delete(client);
    await client.end().catch(() => undefined);
  }
}
