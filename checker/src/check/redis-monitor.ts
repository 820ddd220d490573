// What Redis says after MONITOR, a line for each command: https://redis.io/docs/latest/commands/monitor/

export interface CommandSeen {
  /** Milliseconds since 1970, by the clock of the server. */
  at: number;
  /** `127.0.0.1:50312`; `lua` for what a script ran. */
  client: string;
  /** The command and its arguments, as they were sent: `get`, `feed:1`. */
  words: string[];
}

/** `1339518083.107412 [0 127.0.0.1:60866] "get" "feed:1"` @throws Error for anything else */
export function commandIn(line: string): CommandSeen {
  const [, seconds, client, words] = /^(\d+\.\d+) \[\d+ (\S+)\] (".*")$/s.exec(line) ?? [];
  if (seconds === undefined || client === undefined || words === undefined) throw new Error(`This is no line of MONITOR: ${line}`);
  return { at: Number(seconds) * 1_000, client, words: [...words.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = '']) => unescape(word)) };
}

const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t', a: '\u0007', b: '\b' };

/** Whatever is not printable ASCII is written as its bytes. */
function unescape(word: string): string {
  const bytes = word.replaceAll(/\\(?:x([0-9a-f]{2})|(.))/gs, (_whole, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? (letters[letter ?? ''] ?? letter ?? '') : String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
