// A way to a database: another machine, which may be slow, silent or gone. Each database has a pool of its own, so that
// nobody waits for one because of the other.

import { setTimeout as delay } from 'node:timers/promises';
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
  readonly #pool: pg.Pool;

  constructor(connectionString: string, max: number, { connectMs, statementMs, answerMs }: Patience) {
    this.#pool = new pg.Pool({
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
    this.#pool.on('error', (error) => console.error(`A connection to a database was lost: ${error.message}`));
    this.#pool.on('connect', (client) => client.on('error', () => {})); // In use: its statement fails and says so.
  }
  // #endregion

  /** Runs one statement; values go beside the text and never into it. Throws `DatabaseUnavailable`. */
  async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
    try {
      return await this.#run<Row>(text, values);
    } catch (error) {
      if (isUnavailable(error)) throw new DatabaseUnavailable(reason(error));
      throw error;
    }
  }

  /** Gives all connections back, when nobody asks any more. A silent database takes no leave, and is not waited for. */
  async close(): Promise<void> {
    await Promise.race([this.#pool.end(), delay(500)]);
  }

  // #region run
  /** A connection goes back to the pool whatever happens; one that may be broken is closed there. */
  async #run<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
    const client = await this.#pool.connect();
    let usable = false;
    try {
      const result = await client.query<Row>(text, values);
      usable = true;
      return result.rows;
    } catch (error) {
      // An ERROR ends the statement. Anything worse, or no answer at all, ends the connection.
      usable = error instanceof pg.DatabaseError && error.severity === 'ERROR';
      throw error;
    } finally {
      client.release(!usable);
    }
  }
  // #endregion
}

/** The database cannot be had at the moment; trying again soon is worth it. */
export class DatabaseUnavailable extends Problem {
  constructor(reason: string) {
    super(500, `The database is not available: ${reason}.`, { 'Retry-After': '1' });
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
