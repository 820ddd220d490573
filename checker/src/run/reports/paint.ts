import pc from 'picocolors';

const { NO_COLOR, FORCE_COLOR } = process.env;

/** Colours in a terminal, unless NO_COLOR is set; FORCE_COLOR asks for them anywhere. A build server's log is no terminal. */
export const hasColours = FORCE_COLOR !== undefined ? FORCE_COLOR !== '0' : !NO_COLOR && Boolean(process.stdout.isTTY);

export const paint = pc.createColors(hasColours);
