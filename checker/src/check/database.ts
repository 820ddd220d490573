// What a database saw, and the accidents that only happen inside one. The checker looks from the machine itself,
// as the superuser; its own sessions are left out of everything that is told.

import type pg from 'pg';
import type { RunningStack } from '../runtime/index.ts';
import { pause, until } from '../runtime/until.ts';
import { credentialsOf } from '../stack/resolve.ts';
import { AdminConnections } from './admin-connections.ts';
import { advisoryLocksOn, cancelWaiting, rolesIn, sessionsOn, type AdvisoryLockSeen, type RoleSeen, type SessionSeen } from './database-sessions.ts';
import { holdCommits, lockSchema, lockTables, waitingForStandby, type LockMode, type TableLock } from './holds.ts';
import { makeSimultaneous } from './simultaneous.ts';
import { holdReplay, positionOf, releaseReplay, setLag } from './standby.ts';
import { statementsSeen, type StatementSeen } from './statements.ts';

export class Database {
  readonly name: string;
  readonly #connections: AdminConnections;

  constructor(stack: RunningStack, machine: string) {
    const service = stack.postgres(machine);
    // A standby has its primary's.
    this.name = credentialsOf(stack.description, service.description).database;
    this.#connections = new AdminConnections(service.adminConfig(this.name));
  }

  /** @throws Error from pg; the statement is the checker's own. */
  query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.#connections.query<Row>(sql, values);
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
    return lockTables(this.#connections, mode, tables ?? (await this.tables()));
  }

  /** Nobody creates, drops or changes anything in the schema until it is released; reading the catalog goes on. */
  lockSchema(): Promise<TableLock> {
    return lockSchema(this.#connections);
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
    return statementsSeen(this.#inPostgres, this.name);
  }

  /** Shows commits so many milliseconds after the primary had them, until it is told otherwise; 0 is at once. @throws Error on a primary */
  lag(ms: number): Promise<void> {
    return setLag(this.#inPostgres, ms);
  }

  /** Goes on receiving, and shows nothing new until it is let go, or started again. @throws Error on a primary */
  holdReplay(): Promise<void> {
    return holdReplay(this.#inPostgres);
  }

  /** @throws Error on a primary */
  releaseReplay(): Promise<void> {
    return releaseReplay(this.#inPostgres);
  }

  /** Where it is in the log, in bytes: a standby shows all that was committed up to there. */
  position(): Promise<bigint> {
    return positionOf(this.#ask);
  }

  /** Waits until a standby shows what was committed up to there. @throws TimeoutError */
  async untilAt(position: bigint, { timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    await until(`the standby to be at ${position}`, async () => (await this.position()) >= position, { timeoutMs });
  }

  /**
   * The roles whose statements ran in the app's database since then or that are logged in, and what they may do. Only statements
   * that were sent count: those of a foreign key run as the owner of its table, whoever set them off.
   */
  rolesSeen(): Promise<RoleSeen[]> {
    return rolesIn(this.name, this.#ask, this.#inPostgres);
  }

  /** Everybody else's sessions on this server. */
  sessions(): Promise<SessionSeen[]> {
    return sessionsOn(this.#ask);
  }

  /** The advisory locks that the app holds or waits for. */
  advisoryLocks(): Promise<AdvisoryLockSeen[]> {
    return advisoryLocksOn(this.#ask);
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
  cancelWaiting(): Promise<number> {
    return cancelWaiting(this.#ask);
  }

  /**
   * Makes every commit wait at the point where it is in the log and nobody has been told: the server waits for a
   * standby that does not exist. A server that is killed then comes back with what was committed, and without the wait.
   */
  holdCommits(): Promise<void> {
    return holdCommits(this.#connections);
  }

  /** How many of the app's commits are held. */
  heldCommits(): Promise<number> {
    return waitingForStandby(this.#connections, false);
  }

  /**
   * Gives the rows that hold this text moments of time that differ by a microsecond at most, two and two the same:
   * as if they had been imported together. A schema that does not order by time does not notice.
   * @returns how many different moments the column can hold of them; undefined where there is no such column.
   */
  makeSimultaneous(text: string): Promise<number | undefined> {
    return makeSimultaneous(this.#ask, text);
  }

  /** Closes the checker's own connections. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  readonly #ask = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]> => this.query<Row>(sql, values);

  /** In the database that keeps the statistics of all. */
  readonly #inPostgres = <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]> => this.#connections.queryIn<Row>('postgres', sql, values);
}
