// The way to the database: postgres.js, whose template strings are parameters and not text.

import postgres from 'postgres';
import { Problem } from './problems.ts';
import { settings } from './settings.ts';

const patienceMs = 4_000;

export const sql = postgres(settings.databaseUrl, {
  max: settings.connections,
  connect_timeout: 2,
  idle_timeout: 5,
  connection: { statement_timeout: 2_000 },
  onnotice: () => {},
});

/** Waits for a result, but not for ever. @throws Problem 503 when the database cannot be had; PostgresError when it says no. */
export async function of<Result>(asked: PromiseLike<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(away('it does not answer')), patienceMs);
  });
  try {
    return await Promise.race([asked, tooLong]);
  } catch (error) {
    throw isAway(error) ? away(error instanceof Error ? error.message : String(error)) : error;
  } finally {
    clearTimeout(timer);
  }
}

function away(reason: string): Problem {
  return new Problem(503, `The database cannot be used at the moment: ${reason}.`, { 'Retry-After': '1' });
}

function isAway(error: unknown): boolean {
  if (error instanceof Problem) return false;
  if (!(error instanceof postgres.PostgresError)) return error instanceof Error && 'code' in error;
  // A table or a role that is not there yet, besides what every database says when it is in trouble.
  return /^(08|28|3D|53|57|42P01|42501)/.test(error.code);
}
