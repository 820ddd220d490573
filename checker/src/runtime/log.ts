import type { Readable } from 'node:stream';

const keptLines = 400;
const keptLineChars = 2_000;

/** What a service printed: the last lines of it, however much there was. */
export class Log {
  readonly #lines: string[] = [];
  readonly #onLine: ((line: string) => void) | undefined;
  #rest = '';

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Reads a stream to its end without ever holding more than the last lines. */
  follow(stream: Readable): void {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => this.#take(chunk));
    stream.on('end', () => this.#take('\n'));
    stream.on('error', () => undefined);
  }

  /** The last lines, oldest first. */
  tail(count: number): string[] {
    return this.#lines.slice(-count);
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, keptLineChars);
    for (const line of lines.slice(-keptLines)) {
      if (line.trim() === '') continue;
      const kept = line.length > keptLineChars ? `${line.slice(0, keptLineChars)}…` : line;
      this.#lines.push(kept);
      this.#onLine?.(kept);
    }
    if (this.#lines.length > keptLines) this.#lines.splice(0, this.#lines.length - keptLines);
  }
}
