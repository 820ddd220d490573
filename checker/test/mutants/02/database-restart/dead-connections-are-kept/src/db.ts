// Mutant: a pool made by hand goes on to hand out connections that are broken.
// The way to the database: another machine, which may be slow, silent or gone.

import pg from 'pg';
import { config } from './config.ts';
import { isMigrated } from './migrate.ts';
import { Problem } from './problems.ts';

// Connections for everybody, made once.
const free: pg.Client[] = [];
const waiting: { resolve: (client: pg.Client) => void; timer: NodeJS.Timeout }[] = [];
let made = 0;

async function take(): Promise<pg.Client> {
  const client = free.pop();
  if (client) return client;
  if (made < config.poolMax) {
    made += 1;
    const next = new pg.Client({ connectionString: config.databaseUrl, connectionTimeoutMillis: 1500, statement_timeout: 2000, query_timeout: 2500 });
    next.on('error', (error) => console.error(`A connection to the database was lost: ${error.message}`));
    try {
      await next.connect();
    } catch (error) {
      made -= 1;
      throw error;
    }
    return next;
  }
  return new Promise((resolve, reject) => {
    const place = { resolve, timer: setTimeout(() => {
      waiting.splice(waiting.indexOf(place), 1);
      reject(new Error('no connection was free'));
    }, 1500) };
    waiting.push(place);
  });
}

function giveBack(client: pg.Client): void {
  const next = waiting.shift();
  if (!next) return void free.push(client);
  clearTimeout(next.timer);
  next.resolve(client);
}

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

/** A connection goes back to the others whatever happens. */
async function run<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]> {
  const client = await take();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    giveBack(client);
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
