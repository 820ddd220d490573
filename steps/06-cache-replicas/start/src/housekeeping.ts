// What is over is deleted now and then. Every API machine does it: it does no harm to do it twice.

import { query } from './db.ts';
import { deleteObject } from './store.ts';

const everyMs = 10 * 60 * 1000;
const uploadsAtOnce = 500;

export function sweepNowAndThen(): void {
  setInterval(() => void sweep(), everyMs).unref();
}

async function sweep(): Promise<void> {
  try {
    await query('delete from sessions where expires_at < now()');
    await query('delete from log_ins where due_at < now()');
    await sweepUploads();
  } catch (error) {
    console.error(`Nothing was swept this time: ${String(error)}`);
  }
}

// #region uploads
/**
 * Images that nobody made a photo of. For a day they may still become one; an hour later nobody is about to do that any more,
 * and no permission to upload them holds. Storage forgets first: a row that is left is tried again, an object without one
 * would stay for ever.
 */
async function sweepUploads(): Promise<void> {
  const old = await query<{ image: string }>("select image from uploads where created_at < now() - interval '25 hours' limit $1", [uploadsAtOnce]);
  for (const { image } of old) {
    await deleteObject(image);
    await query('delete from uploads where image = $1', [image]);
  }
}
// #endregion
