// What the databases saw: the statements of each, and how those of several compare.

import type pg from 'pg';

export interface StatementSeen {
  /** The same for a statement that differs in its values only, on a primary and on its standbys. */
  id: string;
  /** Values are `$1`, `$2` …; it is worded as it was the first time. */
  statement: string;
  /** As whom it ran. */
  role: string;
  calls: number;
  /** That all calls together returned or changed. */
  rows: number;
}

/** One statement of one role, on every node that was looked at. */
export interface StatementOnNodes extends Pick<StatementSeen, 'id' | 'statement' | 'role'> {
  /** By node; 0 where it did not run. */
  calls: Record<string, number>;
  rows: Record<string, number>;
}

/** Asks the database in which the statistics are. */
type Ask = <Row extends pg.QueryResultRow>(sql: string, values: unknown[]) => Promise<Row[]>;

/**
 * What ran in a database, most calls first. Left out is what the checker's own role ran, and what was not sent by anybody, as the
 * statements of a foreign key or of a function.
 */
export function statementsSeen(ask: Ask, database: string): Promise<StatementSeen[]> {
  return ask<StatementSeen & pg.QueryResultRow>(
    `SELECT s.queryid::text AS id, min(s.query) AS statement, r.rolname AS role, sum(s.calls)::int AS calls, sum(s.rows)::int AS rows
     FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid
     WHERE d.datname = $1 AND s.toplevel AND r.rolname <> 'postgres'
     GROUP BY s.queryid, r.rolname ORDER BY calls DESC, statement`,
    [database],
  );
}

/** Puts what several nodes saw beside each other: a line for each statement and role, most calls first. */
export function compareNodes(seen: Readonly<Record<string, readonly StatementSeen[]>>): StatementOnNodes[] {
  const nodes = Object.keys(seen);
  const zeros = (): Record<string, number> => Object.fromEntries(nodes.map((node) => [node, 0]));
  const lines = new Map<string, StatementOnNodes>();
  for (const [node, statements] of Object.entries(seen)) {
    for (const { id, statement, role, calls, rows } of statements) {
      const key = JSON.stringify([id, role]);
      const line = lines.get(key) ?? { id, statement, role, calls: zeros(), rows: zeros() };
      line.calls[node] = (line.calls[node] ?? 0) + calls;
      line.rows[node] = (line.rows[node] ?? 0) + rows;
      lines.set(key, line);
    }
  }
  return [...lines.values()].sort((one, other) => sum(other.calls) - sum(one.calls));
}

/** How often statements ran on each node, by node. @param which all of them unless it is said which */
export function callsByNode(lines: readonly StatementOnNodes[], which: (line: StatementOnNodes) => boolean = () => true): Record<string, number> {
  const total: Record<string, number> = {};
  for (const { calls } of lines.filter(which)) {
    for (const [node, count] of Object.entries(calls)) total[node] = (total[node] ?? 0) + count;
  }
  return total;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
