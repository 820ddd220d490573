// A way to a database: another machine, which may be slow, silent or gone. Each database has a pool of its own, so that
// nobody waits for one because of the other.

import { setTimeout as delay } from 'node:timers/promises';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { Problem } from './problems.ts';

export interface Patience {
  /** For a free connection, or for a new one to be set up. */
  connectMs: number;
  /** The database gives up first, so nothing goes on there for someone who has left; the connection stays good. */
  statementMs: number;
  /** When not even that is heard, the connection is given up. */
  answerMs: number;
}

// #region pool
export class Database {
  readonly #kysely: Kysely<Tables>;

  constructor(connectionString: string, max: number, { connectMs, statementMs, answerMs }: Patience) {
    const pool = new pg.Pool({
      connectionString,
      max,
      connectionTimeoutMillis: connectMs,
      statement_timeout: statementMs,
      query_timeout: answerMs,
      // Old silence must not meet new requests: an unused connection is closed soon.
      idleTimeoutMillis: 2000,
      keepAlive: true,
    });
    // Without these two, Node treats a lost connection as an error that nobody handles, and exits.
    pool.on('error', (error) => console.error(`A connection to a database was lost: ${error.message}`));
    pool.on('connect', (client) => client.on('error', () => {})); // In use: its statement fails and says so.
    this.#kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  }
  // #endregion

  /** Builds and runs a query. Throws `DatabaseUnavailable`. */
  async ask<Row>(build: (database: Kysely<Tables>) => { execute: () => Promise<Row[]> }): Promise<Row[]> {
    return throwingUnavailable(() => build(this.#kysely).execute());
  }

  /** Runs one statement; values go beside the text and never into it. Throws `DatabaseUnavailable`. */
  async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
    return throwingUnavailable(async () => (await this.#kysely.executeQuery<Row>(CompiledQuery.raw(text, values ?? []))).rows);
  }

  /** Gives all connections back, when nobody asks any more. A silent database takes no leave, and is not waited for. */
  async close(): Promise<void> {
    await Promise.race([this.#kysely.destroy(), delay(500)]);
  }
}

/** What the builder has to know of the tables. */
export interface Tables {
  likes: { photo_id: string; user_id: string };
  photos: { id: string };
}

async function throwingUnavailable<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (isUnavailable(error)) throw new DatabaseUnavailable(reason(error));
    throw error;
  }
}

/** The database cannot be had at the moment; trying again soon is worth it. */
export class DatabaseUnavailable extends Problem {
  constructor(reason: string) {
    super(503, `The database is not available: ${reason}.`, { 'Retry-After': '1' });
  }
}

/**
 * What does not come from the database is a connection that was refused, lost, or waited for in vain. What does
 * come from it counts when it is about the database itself: connections (08), log-in (28), no such database (3D),
 * resources (53), shutting down, starting up or out of time (57).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
function isUnavailable(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|28|3D|53|57)/.test(error.code ?? '');
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node's own codes, such as ECONNREFUSED, say as much as their messages and name no address.
  const isFromNode = !(error instanceof pg.DatabaseError) && 'code' in error && typeof error.code === 'string';
  return isFromNode ? String(error.code) : error.message;
}
