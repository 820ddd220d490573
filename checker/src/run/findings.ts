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
      expected: 'a description of machines that can be started',
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
    const lines = error.log.tail(40);
    const [place] = ownFrames(lines.join('\n'), stepFolder);
    return {
      kind: 'did not start',
      did: `${error.machine} was started${error.again ? ' again, on the disk it had' : ''}`,
      saw: error.message,
      expected: 'a program that listens on HOST and PORT',
      why: 'A machine on which nothing listens serves nobody.',
      machine: error.machine,
      ...(place !== undefined && { place }),
      log: [{ machine: error.machine, lines: lines.slice(-12) }],
    };
  }
  return undefined;
}
