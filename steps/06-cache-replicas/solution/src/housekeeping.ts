// What is over is deleted now and then. Every API machine does it: it does no harm to do it twice.

import { config } from './config.ts';
import { query } from './db.ts';
import { deleteObject } from './store.ts';

const everyMs = 10 * 60 * 1000;
const uploadsAtOnce = 500;
/** The clocks of two machines may differ by so much. */
const clocksMs = 60_000;

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
 * Images that nobody made a photo of: for a day they may still become one; an hour later nobody is about to do that any more. And
 * images of photos that were deleted, which go at once: again each time, until no permission to upload them holds, so that one that
 * was on its way at that moment goes too. Storage forgets first: a row that is left is tried again, an object without one would
 * stay for ever.
 */
async function sweepUploads(): Promise<void> {
  const old = await query<{ image: string; is_over: boolean }>(
    `select image, created_at < now() - $2 * interval '1 millisecond' as is_over from uploads
     where user_id is null or created_at < now() - interval '25 hours'
     order by created_at limit $1`,
    [uploadsAtOnce, config.uploadMs + clocksMs],
  );
  for (const { image, is_over } of old) {
    await deleteObject(image);
    if (is_over) await query('delete from uploads where image = $1', [image]);
  }
}
// #endregion
