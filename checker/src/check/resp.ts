// The protocol of Redis and Valkey, as far as a check speaks it: https://redis.io/docs/latest/develop/reference/protocol-spec/ (RESP2).

export type Reply = string | number | null | RedisError | Reply[];

/** What the server refuses, in its own words: `OOM command not allowed …`, `READONLY …`, `LOADING …`. */
export class RedisError extends Error {
  override name = 'RedisError';

  /** The first word, by which clients tell errors apart. */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? '';
  }
}

/** A command as the bytes of an array of texts. */
export function encodeCommand(words: readonly (string | number)[]): Buffer {
  const parts = words.map((word) => Buffer.from(String(word)));
  return Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')])]);
}

/**
 * The reply that begins at a byte, and where the next one would; undefined while it is not all there.
 * @throws Error for what is no RESP2
 */
export function decodeReply(bytes: Buffer, at = 0): { reply: Reply; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', at);
  if (lineEnd === -1) return undefined;
  const text = bytes.toString('utf8', at + 1, lineEnd);
  const next = lineEnd + 2;
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case '+':
      return { reply: text, end: next };
    case '-':
      return { reply: new RedisError(text), end: next };
    case ':':
      return { reply: Number(text), end: next };
    case '$':
      return decodeText(bytes, next, Number(text));
    case '*':
      return decodeList(bytes, next, Number(text));
    default:
      throw new Error(`This is no reply of a Redis: ${JSON.stringify(bytes.toString('utf8', at, lineEnd))}`);
  }
}

function decodeText(bytes: Buffer, at: number, length: number): { reply: Reply; end: number } | undefined {
  if (length < 0) return { reply: null, end: at };
  const end = at + length + 2;
  return bytes.length < end ? undefined : { reply: bytes.toString('utf8', at, at + length), end };
}

function decodeList(bytes: Buffer, at: number, count: number): { reply: Reply; end: number } | undefined {
  if (count < 0) return { reply: null, end: at };
  const replies: Reply[] = [];
  let end = at;
  while (replies.length < count) {
    const item = decodeReply(bytes, end);
    if (!item) return undefined;
    replies.push(item.reply);
    ({ end } = item);
  }
  return { reply: replies, end };
}
