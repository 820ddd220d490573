import type { Ask } from './database-sessions.ts';

/**
 * Gives the rows that hold this text moments of time that differ by a microsecond at most, two and two the same:
 * as if they had been imported together. A schema that does not order by time does not notice.
 * @returns how many different moments the column can hold of them; undefined where there is no such column.
 */
export async function makeSimultaneous(ask: Ask, text: string): Promise<number | undefined> {
  let moments: number | undefined;
  const columns = await ask<{ table: string; column: string }>(`
    SELECT format('%I.%I', table_schema, table_name) AS table, format('%I', column_name) AS column
    FROM information_schema.columns
    WHERE data_type LIKE 'timestamp%' AND is_generated = 'NEVER'
      AND table_schema NOT LIKE 'pg~_%' ESCAPE '~' AND table_schema <> 'information_schema'`);
  for (const { table, column } of columns) {
    const [found] = await ask(`SELECT 1 FROM ${table} AS t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [text]);
    if (!found) continue;
    await ask(`
      WITH ranked AS (SELECT ctid AS place, row_number() OVER (ORDER BY ${column}, ctid) AS rank FROM ${table})
      UPDATE ${table} AS t SET ${column} = date_trunc('milliseconds', now() - interval '1 hour') + ranked.rank / 2 * interval '1 microsecond'
      FROM ranked WHERE t.ctid = ranked.place`).then(
      async () => {
        const [row] = await ask<{ count: number }>(`SELECT count(DISTINCT ${column})::int AS count FROM ${table}`);
        moments = row?.count;
      },
      () => undefined,
    );
  }
  return moments;
}
