// Mistakes in a learner's own code, told in their terms: file, line, and what is wrong there. No frame of the
// compiler, of Node.js or of the checker.

import type { Message } from 'esbuild';
import path from 'node:path';

export class SourceError extends Error {
  override name = 'SourceError';
  /** `src/app.ts:12`, relative to the step's folder; empty when it is not known. */
  readonly place: string;

  constructor(place: string, message: string) {
    super(message);
    this.place = place;
  }
}

/** From what esbuild throws, or from a stack trace as text. Anything else is given back as it is. */
export function sourceErrorOf(error: unknown, folder: string): unknown {
  if (typeof error === 'string') return fromTrace(error, folder);
  const [message] = (error as { errors?: Message[] }).errors ?? [];
  return message ? fromMessage(message, folder) : error;
}

/** The frames of a stack trace that lie in the learner's step, as `src/app.ts:12`. Paths may be relative to it. */
export function ownFrames(trace: string, folder: string): string[] {
  return trace.split('\n').flatMap((line) => {
    const [, file = '', row = ''] = /((?:file:\/\/)?[^\s()]+):(\d+):\d+\)?$/.exec(line.trim()) ?? [];
    const relative = path.relative(folder, path.resolve(folder, file.replace(/^file:\/\//, '')));
    return file === '' || file.startsWith('node:') || relative.startsWith('..') || relative.includes('node_modules') ? [] : [`${relative}:${row}`];
  });
}

function fromMessage({ location, text }: Message, folder: string): SourceError {
  if (!location) return new SourceError('', text);
  const file = path.relative(folder, path.resolve(folder, location.file));
  const code = location.lineText.trim();
  return new SourceError(`${file}:${location.line}`, code === '' ? text : `${text}\n${code}`);
}

function fromTrace(trace: string, folder: string): SourceError {
  const [message = ''] = trace.split('\n');
  return new SourceError(ownFrames(trace, folder)[0] ?? '', message);
}
