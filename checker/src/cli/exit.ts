/** What a command tells the one who called it. 64 is `EX_USAGE` of sysexits.h; 130 is what shells make of Ctrl-C. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  notRun: 2,
  fault: 3,
  usage: 64,
  interrupted: 130,
} as const;
