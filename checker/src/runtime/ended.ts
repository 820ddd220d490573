import type { Service } from './services/service.ts';

/**
 * How a program ended that nobody asked to: `src/balancer.ts on lb ended by itself (exit code 1)`. Undefined while it runs.
 * @param ended the verb: `had ended` where the sentence looks back.
 */
export function endOf({ title, process }: Service, machine: string, ended: 'ended' | 'had ended' = 'ended'): string | undefined {
  if (process?.endedBecause !== undefined) return `${title} on ${machine} ${process.endedBecause}`;
  if (!process?.exit) return undefined;
  return `${title} on ${machine} ${ended} by itself (${process.exit.signal ?? `exit code ${String(process.exit.code)}`})`;
}
