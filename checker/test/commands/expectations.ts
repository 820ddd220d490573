// What every report has to keep to, whatever it reports.

import { expect } from 'vitest';
import type { Result, RunningCommand, Workshop } from '../workshop.ts';

/** No frame and no path of the checker, of packages, of Node.js or of a machine's disk. */
export function expectNothingOfOurs({ output }: Result): void {
  for (const trace of ['checker/src', 'checker/bin', 'node_modules', 'node:', '/dev/shm', 'graminsta-', 'workshop-']) {
    expect(output).not.toContain(trace);
  }
}

/** Without a terminal: no escape codes, and lines that fit into 80 columns. */
export function expectPlain({ output }: Result): void {
  expect(output).not.toContain('\u001b');
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
}

/** Words that stand in a report, however its lines are broken. */
export function expectWords({ output }: Result, ...wanted: (string | RegExp)[]): void {
  const words = output.replaceAll(/\s+/g, ' ');
  for (const each of wanted) {
    if (typeof each === 'string') expect(words).toContain(each);
    else expect(words).toMatch(each);
  }
}

/** What is judged by time is not judged on a busy computer: then it is tried again, as the report says one should. */
export async function untilJudged(workshop: Workshop, args: readonly string[]): Promise<{ result: Result; command: RunningCommand }> {
  for (let attempt = 1; ; attempt += 1) {
    const command = workshop.start(args);
    const result = await command.ended;
    if (attempt === 3 || !result.output.includes('too busy to judge')) return { result, command };
  }
}
