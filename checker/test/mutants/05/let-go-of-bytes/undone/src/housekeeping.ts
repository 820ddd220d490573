// What is over is deleted now and then. Every API machine does it: it does no harm to do it twice.

import { query } from './db.ts';

const everyMs = 10 * 60 * 1000;

export function sweepNowAndThen(): void {
  setInterval(() => void sweep(), everyMs).unref();
}

async function sweep(): Promise<void> {
  try {
    await query('delete from sessions where expires_at < now()');
    await query('delete from log_ins where due_at < now()');
  } catch (error) {
    console.error(`Nothing was swept this time: ${String(error)}`);
  }
}
