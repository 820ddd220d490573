// Right in another way: npm's `postgres` instead of `pg`. It has no patience to set for a connection that is not
// free, nor for an answer that does not come, so both are counted here: a gate lets POOL_MAX statements in at a
// time, and when one of these hears nothing, all connections are closed and new ones are made.

import postgres from 'postgres';
import { config } from './config.ts';
import { Gate } from './gate.ts';
import { isMigrated } from './migrate.ts';
import { Problem } from './problems.ts';

const patienceMs = 1500;
const answerMs = 2500;

const gate = new Gate(config.poolMax, patienceMs);
let sql = connect();

function connect(): postgres.Sql {
  return postgres(config.databaseUrl, {
    max: config.poolMax,
    connect_timeout: 2,
    idle_timeout: 2,
    // Its own waits grow from try to try; a database that is back should not have to wait for us.
    backoff: () => 0.1,
    connection: { statement_timeout: 2000 },
    onnotice: () => {},
  });
}

/** Runs one statement; values go beside the text and never into it. Throws `DatabaseUnavailable`. */
export async function query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  if (!isMigrated()) throw new DatabaseUnavailable('its schema is not prepared yet');
  const leave = await gate.enter();
  if (!leave) throw new DatabaseUnavailable('all connections are busy');
  try {
    return await answerTo<Row>(text, values);
  } catch (error) {
    if (isUnavailable(error)) throw new DatabaseUnavailable(codeOf(error));
    throw error;
  } finally {
    leave();
  }
}

async function answerTo<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
  const asked = sql;
  const parameters = values.map((value) => value ?? null) as postgres.ParameterOrJSON<never>[];
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error(`Nothing was heard for ${answerMs} ms.`), { code: 'SILENCE' }));
      startAnew(asked);
    }, answerMs);
  });
  try {
    return await Promise.race([asked.unsafe<Row[]>(text, parameters, { prepare: true }), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Several may notice the same silence: the first of them changes the connections for all. */
function startAnew(silent: postgres.Sql): void {
  if (sql !== silent) return;
  sql = connect();
  void silent.end({ timeout: 0 });
}

/** The database cannot be had at the moment; trying again soon is worth it. */
export class DatabaseUnavailable extends Problem {
  constructor(reason: string) {
    super(503, `The database is not available: ${reason}.`, { 'Retry-After': '1' });
  }
}

/** What the database itself says about a statement is a `PostgresError`; of those, some are about the database. */
function isUnavailable(error: unknown): boolean {
  return !(error instanceof postgres.PostgresError) || /^(08|28|3D|53|57)/.test(error.code);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
