// Ctrl-C once ends a command in order; twice, at once. What is left then is the reaper's.

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
