import { paint } from './paint.ts';

/** A line that says what is going on, in a terminal; nothing anywhere else. */
export function runningLine(): { show: (text: string) => void; clear: () => void } {
  const { stdout } = process;
  if (!stdout.isTTY) return { show: () => undefined, clear: () => undefined };
  let isShown = false;
  return {
    show: (text) => {
      isShown = true;
      stdout.write(paint.dim(text));
    },
    clear: () => {
      if (!isShown) return;
      isShown = false;
      stdout.clearLine(0);
      stdout.cursorTo(0);
    },
  };
}
