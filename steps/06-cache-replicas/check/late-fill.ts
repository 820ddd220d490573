// A read that is slow: a database has answered, and what it said of a moment ago is still on its way.

import { until, type App } from 'checker/check';
import { wiresToDatabases } from './machines.ts';

/** More than the answer to a health check, less than that to anything that shows one of our photos. */
const enoughBytes = 800;
const patienceMs = 1_000;
const unasked = [31, 32, 33, 34];

/** A caption that makes every answer with the photo in it large. */
export function longCaption(words: string): string {
  return `${words}\n${'And this is how it was. '.repeat(50)}`.trim();
}

/** Somebody reads at a machine; something happens between the answer of the database and its arrival there. */
export async function readsSlowly(app: App, machine: string, read: () => Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<void> {
  // A way that is open already carries the question in one go.
  await Promise.all(unasked.map((limit) => app.visitor('visitor', machine).feed({ limit })));
  const wires = wiresToDatabases(app, [machine]);
  const before = answered(wires);
  for (const wire of wires) wire.cut('answers');
  let over = false;
  const reading = read().finally(() => (over = true));
  reading.catch(() => undefined); // Whoever waits for it below is told.
  try {
    // Who has an answer without a database, has it.
    await until('an answer of a database', () => over || answered(wires) - before > enoughBytes, { timeoutMs: patienceMs, everyMs: 2 }).catch(() => undefined);
    await meanwhile();
  } finally {
    for (const wire of wires) wire.heal();
    await reading;
  }
}

function answered(wires: readonly ReturnType<App['wire']>[]): number {
  return wires.reduce((sum, wire) => sum + wire.seen().answeredBytes, 0);
}
