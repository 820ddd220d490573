// Brings the database to the schema that the app expects.

import { readFile } from 'node:fs/promises';
import { query } from './db.ts';

const schema = new URL('./schema.sql', import.meta.url);

/** Runs at every start, so it has to work on an empty database and on a full one. */
export async function migrate(): Promise<void> {
  await query(await readFile(schema, 'utf8'));
}
