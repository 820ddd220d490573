// Which statements something costs, and on which of the databases. They are learned by doing it: whatever the app calls its tables
// and however it words its queries, what runs each time is what it takes.

import { compareNodes, pause, type App, type StatementOnNodes } from 'checker/check';

export type Node = 'db' | 'replica';

/** Statements that machines run whether or not anybody comes, as those of a health check: how often a second, by statement. */
export type Idle = ReadonlyMap<string, number>;

/** What something costs the databases each time. */
export interface Cost {
  /** Its statements, by `keyOf`. */
  statements: ReadonlySet<string>;
  /** How many of them each time takes, where several kinds were done: of the kind that takes most. */
  each: number;
  /** Which share of them ran on the replica: 0 to 1. */
  onReplica: number;
  /** How many of them run in a second in which nobody comes. */
  idlePerSecond: number;
  /** One of them, in its own words. */
  example: string;
}

/** How often the statements of a cost ran. */
export interface Ran {
  db: number;
  replica: number;
  /** On both. */
  total: number;
  ms: number;
}

const quietMs = 500;
/** What runs so much more often than it does anyway was set off by us. */
const clearly = 3;

/** Forgets what ran on these databases. */
export async function forgetStatements(app: App, nodes: readonly Node[] = nodesOf(app)): Promise<void> {
  await Promise.all(nodes.map((node) => app.database(node).forgetStatements()));
}

/** Watches while nobody comes. */
export async function idleOf(app: App): Promise<Idle> {
  const { lines, ms } = await during(app, () => pause(quietMs));
  return new Map(lines.map((line) => [keyOf(line), (callsOf(line) / ms) * 1_000]));
}

/**
 * Does something as often as it is given, and learns what runs each time.
 * @param sets each of one kind, such as first pages and later ones: what runs each time in one need not run in another
 */
export async function costOf(app: App, idle: Idle, ...sets: readonly (readonly (() => Promise<unknown>)[])[]): Promise<Cost> {
  const rateOf = (line: StatementOnNodes): number => idle.get(keyOf(line)) ?? 0;
  const own = new Map<string, StatementOnNodes>();
  let each = 0;
  for (const times of sets) {
    const { lines, ms } = await during(app, async () => {
      for (const once of times) await once();
    });
    const ofThese = lines.filter((line) => callsOf(line) >= times.length && callsOf(line) > clearly * (rateOf(line) * (ms / 1_000) + 1));
    for (const line of ofThese) own.set(keyOf(line), line);
    each = Math.max(each, ofThese.reduce((sum, line) => sum + callsOf(line), 0) / times.length);
  }
  const lines = [...own.values()];
  const total = lines.reduce((sum, line) => sum + callsOf(line), 0);
  return {
    statements: new Set(own.keys()),
    each,
    onReplica: lines.reduce((sum, { calls }) => sum + (calls['replica'] ?? 0), 0) / Math.max(1, total),
    idlePerSecond: lines.reduce((sum, line) => sum + rateOf(line), 0),
    example: lines[0]?.statement ?? '',
  };
}

/** How often the statements of a cost ran while something was done. */
export async function ranDuring(app: App, cost: Cost, section: () => Promise<unknown>): Promise<Ran> {
  const { lines, ms } = await during(app, section);
  const own = lines.filter((line) => cost.statements.has(keyOf(line)));
  const on = (node: Node): number => own.reduce((sum, { calls }) => sum + (calls[node] ?? 0), 0);
  return { db: on('db'), replica: on('replica'), total: on('db') + on('replica'), ms };
}

/** How many of them were set off by people, when as many ran in the background as usual. */
export function byPeople({ total, ms }: Ran, { idlePerSecond }: Cost): number {
  return Math.max(0, total - Math.ceil((idlePerSecond * ms) / 1_000));
}

/** `60 statements of the feed (db 0, replica 60)` */
export function toldOf({ db, replica, total }: Ran, of: string): string {
  return `${total} ${total === 1 ? 'statement' : 'statements'} of ${of} (db ${db}, replica ${replica})`;
}

async function during(app: App, section: () => Promise<unknown>): Promise<{ lines: StatementOnNodes[]; ms: number }> {
  await forgetStatements(app);
  const startedAt = performance.now();
  await section();
  const ms = performance.now() - startedAt;
  const nodes = nodesOf(app);
  const seen = await Promise.all(nodes.map(async (node) => [node, await app.database(node).statements()] as const));
  return { lines: compareNodes(Object.fromEntries(seen)), ms };
}

/** The databases that can be asked at the moment. */
function nodesOf(app: App): Node[] {
  return (['db', 'replica'] as const).filter((node) => app.machine(node).running);
}

/** A statement is another one when another role runs it. */
function keyOf({ id, role }: StatementOnNodes): string {
  return JSON.stringify([id, role]);
}

function callsOf({ calls }: StatementOnNodes): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}
