import { paint } from './paint.ts';

export interface RunningLine {
  show(text: string): void;
  clear(): void;
  /** Prints above it. */
  print(lines: readonly string[]): void;
}

/** A line that says what is going on, in a terminal; nothing anywhere else. */
export function runningLine(): RunningLine {
  const { stdout } = process;
  let shown = '';
  const erase = (): void => {
    if (shown === '' || !stdout.isTTY) return;
    stdout.clearLine(0);
    stdout.cursorTo(0);
  };
  const draw = (): void => {
    if (stdout.isTTY) stdout.write(paint.dim(shown));
  };
  return {
    show: (text) => {
      erase();
      shown = text;
      draw();
    },
    clear: () => {
      erase();
      shown = '';
    },
    print: (lines) => {
      erase();
      console.log(lines.join('\n'));
      draw();
    },
  };
}
