import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunningProcess } from '../process.ts';
import { until } from '../until.ts';

const timeoutMs = 30_000;

/**
 * Waits until the server says so in its `postmaster.pid`, whose eighth line is its status: cheaper than to connect
 * again and again, and nothing that its log or its statistics would show.
 * @returns false when the server ended instead.
 */
export async function awaitReady(data: string, server: Pick<RunningProcess, 'pid' | 'exit'>): Promise<boolean> {
  await until(
    'Postgres to accept connections',
    async () => {
      if (server.exit) return true;
      const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
      // Left over from before a kill, it names another process.
      return Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready';
    },
    { timeoutMs, everyMs: 2 },
  );
  return server.exit === undefined;
}
