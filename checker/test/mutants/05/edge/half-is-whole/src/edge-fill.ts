// Reads the body of an answer into memory, as long as there is room for it.

import type { IncomingMessage } from 'node:http';

/** What came of it: all of the body; or, where it is too much to hold, what was read so far, with the rest still to come. */
export type Filled = { whole: Buffer } | { begun: Buffer[]; release: () => void };

/** Bytes of all answers that are being read, or that wait for a slow client. */
let held = 0;

/**
 * As fast as the origin sends, whoever waits for it: a slow client must not hold up the others.
 * @param answerBytes how much one answer may have @param allBytes how much all of them may hold together
 * @throws when the body breaks off
 */
export async function fill(answer: IncomingMessage, answerBytes: number, allBytes: number): Promise<Filled> {
  const begun: Buffer[] = [];
  let bytes = 0;
  const release = (): void => {
    held -= bytes;
    bytes = 0;
  };
  const announced = Number(answer.headers['content-length'] ?? 0);
  if (announced > answerBytes || held + announced > allBytes) return { begun, release };
  try {
    for await (const piece of answer.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      begun.push(piece);
      bytes += piece.length;
      held += piece.length;
      if (bytes > answerBytes || held > allBytes) return { begun, release };
    }
    // Not from the pool, of which a few bytes would keep 8 KB.
    const whole = Buffer.allocUnsafeSlow(bytes);
    let end = 0;
    for (const piece of begun) end += piece.copy(whole, end);
    release();
    return { whole };
  } catch {
    release();
    return { whole: Buffer.concat(begun) };
  }
}
