// Ctrl-C once ends a command in order; twice, at once. What is left then is the reaper's.

import { nameOf, parentOf } from '../runtime/process-tree.ts';
import { ExitCode } from './exit.ts';

/** Fires at the first Ctrl-C (or SIGTERM, or when the terminal is closed). */
export function interruption(farewell: string): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(ExitCode.interrupted);
      process.stderr.write(`\n${farewell}\n`);
      controller.abort();
    });
  }
  return controller.signal;
}

const lookEveryMs = 250;

/**
 * npm passes no signal on when it is killed itself, and its terminal is ours: who is told of nothing has to look.
 * Without npm a command goes on without the one who started it, as commands do.
 */
export function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const [parent, grandparent] = [process.ppid, parentOf(process.ppid)];
  // npm starts us by a shell, which may have made room for us and may still be there.
  const isByShell = /sh$/.test(nameOf(parent) ?? '');
  setInterval(() => {
    const isAlone = process.ppid !== parent || (isByShell && parentOf(parent) !== grandparent);
    if (isAlone) process.exit(ExitCode.interrupted);
  }, lookEveryMs).unref();
}
