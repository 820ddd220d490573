// The first line of a compose.yaml that was made from stack.ts. It tells whether somebody has changed the file since: then it is
// theirs.

import { createHash } from 'node:crypto';

const pattern = /^# Made from stack\.ts by "npm run compose \d+" \(([0-9a-f]{12})\)/;

/** The text with the line above it. @param step `04` */
export function signed(text: string, step: string): string {
  return `# Made from stack.ts by "npm run compose ${step}" (${markOf(text)}). Change it, and it is yours: it is not overwritten.\n${text}`;
}

/** Whether a file is as it was made. */
export function isUntouched(file: string): boolean {
  const whole = file.replaceAll('\r\n', '\n');
  const end = whole.indexOf('\n') + 1;
  return pattern.exec(whole)?.[1] === markOf(whole.slice(end));
}

function markOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
