// Runs one command to its end, with everything that it starts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './paths.ts';

export interface Command {
  /** The program and its arguments, started in the repository's root. */
  line: [string, ...string[]];
  limitMs: number;
  /** Gets the output, standard output and error together, as it comes. */
  onOutput: (text: string) => void;
}

export type CommandEnd = { kind: 'exited'; code: number } | { kind: 'killed'; signal: string } | { kind: 'too slow' };

const running = new Set<number>();
let endingWith: number | undefined;

/** Throws when the program cannot be started. */
export async function run({ line: [program, ...args], limitMs, onOutput }: Command): Promise<CommandEnd> {
  // A process group of its own, so that its whole tree can be ended by one signal.
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(isColoured ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) },
  });
  child.stdout.setEncoding('utf8').on('data', onOutput);
  child.stderr.setEncoding('utf8').on('data', onOutput);

  await once(child, 'spawn');
  const group = child.pid ?? 0;
  running.add(group);
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(() => 'exited' as const);
  const outcome = await Promise.race([exited, delay(limitMs, 'too slow' as const, { ref: false })]);
  if (outcome === 'too slow') {
    signalGroup(group, 'SIGTERM');
    await Promise.race([exited, delay(graceMs)]);
  }
  // What the command left running would hold the pipes open and disturb the next stage.
  signalGroup(group, 'SIGKILL');
  running.delete(group);
  await Promise.race([closed, delay(graceMs, undefined, { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();

  // Nothing is started any more while this process ends.
  if (endingWith !== undefined) process.exit(endingWith);
  if (outcome === 'too slow') return { kind: 'too slow' };
  return child.exitCode === null
    ? { kind: 'killed', signal: child.signalCode ?? 'an unknown signal' }
    : { kind: 'exited', code: child.exitCode };
}

/** Ends all commands that still run, when this process does: by itself, by Ctrl-C (twice: at once) or by `kill`. */
export function endCommandsWithThisProcess(): void {
  process.on('exit', () => running.forEach((group) => signalGroup(group, 'SIGKILL')));
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(signals)) {
    process.on(signal, () => {
      if (endingWith !== undefined || running.size === 0) process.exit(code);
      endingWith = code;
      running.forEach((group) => signalGroup(group, 'SIGTERM'));
      setTimeout(() => process.exit(code), graceMs);
    });
  }
}

/** Whether the output is for a person at a terminal who wants colours. */
export const isColoured = process.stdout.isTTY === true && !process.env['NO_COLOR'];

const graceMs = 3000;

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // The group is gone already.
  }
}
