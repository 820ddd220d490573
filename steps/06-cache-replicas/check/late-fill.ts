// A read that is slow: a database has answered, and what it said of a moment ago is still on its way.

import { until, type App } from 'checker/check';
import { wiresToDatabases } from './machines.ts';

/** More than the answer to a health check, less than that to anything that shows one of our photos. */
const enoughBytes = 800;
const patienceMs = 1_000;
/** Less than anybody waits for an answer that is late. */
const joinMs = 150;
const unasked = [31, 32, 33, 34];

/** A caption that makes every answer with the photo in it large. */
export function longCaption(words: string): string {
  return `${words}\n${'And this is how it was. '.repeat(50)}`.trim();
}

/**
 * Begins to look at that machine, and waits until a database has answered it too, for as long as it takes to find out that somebody
 * else is reading the same. What comes of it is seen when the answers have arrived.
 */
export type Begins = (look: () => Promise<unknown>) => Promise<void>;

/**
 * Somebody reads at a machine; something happens between the answer of the database and its arrival there.
 * @param nodes whose answers are late: those of both databases, unless it is said which
 */
export async function readsSlowly(app: App, machine: string, read: () => Promise<unknown>, meanwhile: (begins: Begins) => Promise<unknown>, nodes?: readonly string[]): Promise<void> {
  // A way that is open already carries the question in one go.
  await Promise.all(unasked.map((limit) => app.visitor('visitor', machine).feed({ limit })));
  const wires = wiresToDatabases(app, [machine], nodes);
  const begun: Promise<unknown>[] = [];
  const begins = async (look: () => Promise<unknown>, timeoutMs: number): Promise<void> => {
    const before = answered(wires);
    let over = false;
    const looking = look().finally(() => (over = true));
    looking.catch(() => undefined); // Whoever waits for it below is told.
    begun.push(looking);
    // Who has an answer without a database, has it.
    await until('an answer of a database', () => over || answered(wires) - before > enoughBytes, { timeoutMs, everyMs: 2 }).catch(() => undefined);
  };
  for (const wire of wires) wire.cut('answers');
  try {
    await begins(read, patienceMs);
    await meanwhile((look) => begins(look, joinMs));
  } finally {
    for (const wire of wires) wire.heal();
    await Promise.all(begun);
  }
}

function answered(wires: readonly ReturnType<App['wire']>[]): number {
  return wires.reduce((sum, wire) => sum + wire.seen().answeredBytes, 0);
}
