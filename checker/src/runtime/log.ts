import type { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

const controlsButTabs = /(?!\t)\p{Cc}/gu;
const keptLines = 400;
const keptLineChars = 2_000;

/** What a service printed: the last lines of it, however much there was. */
export class Log {
  readonly #lines: string[] = [];
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #shown: (line: string) => string | undefined;

  /** @param shown makes of a line what is kept of it; undefined leaves it out. */
  constructor(onLine?: (line: string) => void, shown: (line: string) => string | undefined = (line) => line) {
    this.#onLine = onLine;
    this.#shown = shown;
  }

  /** Reads a stream to its end without ever holding more than the last lines. */
  follow(stream: Readable): void {
    // Two streams may share a log, and a line belongs to one of them.
    let rest = '';
    const take = (chunk: string): void => {
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(0, keptLineChars + 1);
      this.#keep(lines);
    };
    stream.setEncoding('utf8');
    stream.on('data', take);
    stream.on('end', () => take('\n'));
    stream.on('error', () => undefined);
  }

  /** The last lines, oldest first; all that are kept, unless it is said how many. */
  tail(count = keptLines): string[] {
    return this.#lines.slice(-count);
  }

  #keep(lines: readonly string[]): void {
    for (const printed of lines.slice(-keptLines)) {
      // What a program sends to move a cursor or to paint would do so in the learner's terminal.
      const line = this.#shown(stripVTControlCharacters(printed).replaceAll(controlsButTabs, ''));
      if (line === undefined || line.trim() === '') continue;
      const kept = line.length > keptLineChars ? `${line.slice(0, keptLineChars)}…` : line;
      this.#lines.push(kept);
      this.#onLine?.(kept);
    }
    if (this.#lines.length > keptLines) this.#lines.splice(0, this.#lines.length - keptLines);
  }
}
