// Whatever a check ends with, in the words of a finding.

import { Failure, type Finding } from '../check/failure.ts';
import { ownFrames, SourceError, StartFailure } from '../runtime/index.ts';
import { StackError } from '../stack/stack-error.ts';

/** What is told of a mistake that keeps the app from running. Undefined for anything that is not the learner's. */
export function findingOf(error: unknown, stepFolder: string): Finding | undefined {
  if (error instanceof Failure) return error.finding;
  if (error instanceof StackError) {
    return {
      kind: 'wrong stack',
      did: 'stack.ts was read',
      saw: error.message,
      expected: error.expected ?? 'a description of machines that can be started',
      why: 'Nothing is started before the machines are described.',
      place: 'stack.ts',
    };
  }
  if (error instanceof SourceError) {
    return {
      kind: 'did not start',
      did: `${error.place.split(':')[0] || 'The code'} was read`,
      saw: error.message,
      expected: 'code that runs',
      why: 'Nothing can be judged before the code runs.',
      place: error.place,
    };
  }
  if (error instanceof StartFailure) {
    const lines = error.log.tail();
    const place = ownFrames(lines.join('\n'), stepFolder)[0] ?? linkedIn(lines);
    return {
      kind: 'did not start',
      did: `${error.machine} was started${error.again ? ' again, on the disk it had' : ''}`,
      saw: error.message,
      expected: 'a program that listens on HOST and PORT',
      why: 'A machine on which nothing listens serves nobody.',
      machine: error.machine,
      ...(place !== undefined && { place }),
      log: [{ machine: error.machine, lines: excerpt(lines, 12) }],
    };
  }
  return undefined;
}

/** A mistake in an import has no stack: Node.js prints the file, and a line of what it was compiled to. */
function linkedIn(lines: readonly string[]): string | undefined {
  const error = lines.findLastIndex((line) => /^SyntaxError\b/.test(line));
  const place = lines.slice(0, Math.max(0, error)).findLast((line) => /^[\w./-]+\.[cm]?[jt]sx?:\d+$/.test(line));
  return place;
}

/** How many lines after an error something else is more likely to be the reason. */
const recentLines = 40;

/**
 * The part of a log that says what went wrong: from the last error on, without the properties of it that are empty, and what
 * is said again and again once. With no error in it, or an old one, its end.
 */
export function excerpt(lines: readonly string[], count: number): string[] {
  const told = onceEach(lines.filter((line) => !/^\s+\w+: undefined,?$/.test(line)));
  const error = told.findLastIndex((line) => /^(Uncaught |Unhandled )?\w*Error\b.*:/i.test(line));
  // All that Node.js prints of an error is indented, and may be long: that is no distance.
  const since = told.slice(error + 1).filter((line) => !/^[\s}\]]/.test(line)).length;
  return error === -1 || since > recentLines ? told.slice(-count) : told.slice(error, error + count);
}

/** Whether a line says more than that a program is there: `The API listens on http://127.0.0.1:20001`, `127.0.0.1:20002 is in the rotation`. */
export function isNews(line: string): boolean {
  return !/\b(?:listens|is) on http:\/\/\S+$|\bis in the rotation$/.test(line);
}

/** `It failed. (8 times)`: a program that tries again says the same each time. */
function onceEach(lines: readonly string[]): string[] {
  const told: { line: string; times: number }[] = [];
  for (const line of lines) {
    const last = told.at(-1);
    if (last?.line === line) last.times += 1;
    else told.push({ line, times: 1 });
  }
  return told.map(({ line, times }) => (times === 1 ? line : `${line} (${times} times)`));
}
