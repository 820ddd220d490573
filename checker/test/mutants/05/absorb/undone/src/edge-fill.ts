// Reads the body of an answer into memory.

import type { IncomingMessage } from 'node:http';

/** @throws when the body breaks off */
export async function fill(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
