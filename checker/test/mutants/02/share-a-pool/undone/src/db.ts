// Mutant: the pool is as it was, with no number for its patience: only a deadline against a silent database is there.
// The way to the database: another machine, which may be slow, silent or gone.

import pg from 'pg';
import { config } from './config.ts';
import { isMigrated } from './migrate.ts';
import { Problem } from './problems.ts';

const pool = new pg.Pool({ connectionString: config.databaseUrl, keepAlive: true, idleTimeoutMillis: 2000 });
const deadlineMs = 4500;

// Without these two, Node treats a lost connection as an error that nobody handles, and exits.
pool.on('error', (error) => console.error(`A connection to the database was lost: ${error.message}`));
pool.on('connect', (client) => client.on('error', () => {})); // In use: its statement fails and says so.

/** Runs one statement; values go beside the text and never into it. Throws `DatabaseUnavailable`. */
export async function query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
  if (!isMigrated()) throw new DatabaseUnavailable('its schema is not prepared yet');
  try {
    return await run<Row>(text, values);
  } catch (error) {
    if (isUnavailable(error)) throw new DatabaseUnavailable(reason(error));
    throw error;
  }
}

/** A silent database does not keep a request for more than its deadline; then the connection is closed. */
async function run<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
  const ended = AbortSignal.timeout(deadlineMs);
  const tooLate = new Promise<never>((_resolve, reject) => {
    ended.addEventListener('abort', () => reject(new Error(`nothing was heard for ${deadlineMs} ms`)));
  });
  tooLate.catch(() => {});
  const connecting = pool.connect();
  connecting.then((late) => ended.aborted && late.release(), () => {});
  const client = await Promise.race([connecting, tooLate]);
  let usable = false;
  try {
    const { rows } = await Promise.race([client.query<Row>(text, values), tooLate]);
    usable = true;
    return rows;
  } catch (error) {
    usable = error instanceof pg.DatabaseError && error.severity === 'ERROR';
    throw error;
  } finally {
    client.release(!usable);
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
