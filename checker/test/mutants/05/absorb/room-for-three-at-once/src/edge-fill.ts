// Reads the body of an answer into memory, as long as there is room for it.

import type { IncomingMessage } from 'node:http';
import { answerBytes, cacheBytes } from './edge-cache.ts';

/** What came of it: all of the body; or, where it is too much to hold, what was read so far, with the rest still to come. */
export type Filled = { whole: Buffer } | { begun: Buffer[]; release: () => void; why: 'too large' | 'no room' };

/** What is being read may not take much of the memory beside what is kept. */
const readingBytes = Math.ceil(cacheBytes / 4);
/** Bytes that are set aside for answers that are being read, or that wait for a slow client. */
let held = 0;

// #region fill
/**
 * As fast as the origin sends, whoever waits for it: a slow client must not hold up the others.
 * @throws when the body breaks off
 */
export async function fill(answer: IncomingMessage): Promise<Filled> {
  const begun: Buffer[] = [];
  let bytes = 0;
  let reserved = 0;
  const release = (): void => {
    held -= reserved;
    reserved = 0;
  };
  const announced = Number(answer.headers['content-length'] ?? 0);
  if (announced > answerBytes) return { begun, release, why: 'too large' };
  // Where there is no room for it, all who want it ask for themselves.
  if (held + announced > readingBytes) return { begun, release, why: 'too large' };
  held += announced;
  reserved = announced;
  try {
    for await (const piece of answer.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      begun.push(piece);
      bytes += piece.length;
      const more = Math.max(0, bytes - reserved);
      held += more;
      reserved += more;
      if (bytes > answerBytes) return { begun, release, why: 'too large' };
      if (more > 0 && held > readingBytes) return { begun, release, why: 'no room' };
    }
    // Not from the pool, of which a few bytes would keep 8 KB.
    const whole = Buffer.allocUnsafeSlow(bytes);
    let end = 0;
    for (const piece of begun) end += piece.copy(whole, end);
    release();
    return { whole };
  } catch (error) {
    release();
    throw error;
  }
}
// #endregion

