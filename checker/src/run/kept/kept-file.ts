// A JSON file in `.graminsta` that several commands read and write at the same time, and that has to survive what
// happens to files: torn by a power cut, written by another version of the workshop, on a disk that is full or read-only.

import { constants, existsSync } from 'node:fs';
import { access, copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { lock } from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import { repository } from '../repository.ts';

/** `GRAMINSTA_HOME` is for tests, which must not touch a learner's progress. */
export const keptFolder = process.env['GRAMINSTA_HOME'] ?? path.join(repository, '.graminsta');

/** What could not be kept, in words: the work goes on without. */
export class NotKept extends Error {
  override name = 'NotKept';
}

export type Json = Record<string, unknown>;

export class KeptFile {
  readonly #name: string;
  readonly #format: number;

  /** @param name without its ending; @param format the newest that this version understands */
  constructor(name: string, format: number) {
    this.#name = name;
    this.#format = format;
  }

  /** What the file says; what its copy says when the file is torn; undefined when neither can be read. Never throws. */
  async read(): Promise<Json | undefined> {
    return (await parsed(this.#path())) ?? (await parsed(this.#path('copy')));
  }

  /**
   * Reads, changes and writes, with no other command between. What a newer version wrote is kept beside the file.
   * @throws NotKept with the reason in words.
   */
  async update(change: (content: Json) => Json): Promise<void> {
    try {
      await makeKeptFolder();
      const release = await lock(keptFolder, { retries: { retries: 50, minTimeout: 10, maxTimeout: 100 }, stale: 2_000, onCompromised: () => undefined });
      try {
        await this.#keepStrangers();
        const text = `${JSON.stringify({ format: this.#format, ...change(withoutFormat(await this.read())) }, null, 2)}\n`;
        await writeFileAtomic(this.#path(), text);
        // Not in the same moment: whatever tears the one leaves the other whole.
        await writeFileAtomic(this.#path('copy'), text, { fsync: false });
      } finally {
        await release();
      }
    } catch (error) {
      throw new NotKept(reasonOf(error), { cause: error });
    }
  }

  async #keepStrangers(): Promise<void> {
    const content = await parsed(this.#path());
    if (content === undefined) {
      // Torn, or edited by hand and not JSON any more: somebody may want to look.
      await rename(this.#path(), this.#path('torn')).catch(() => undefined);
    } else if (typeof content['format'] === 'number' && content['format'] > this.#format) {
      await copyFile(this.#path(), this.#path(`format-${content['format']}`));
    }
  }

  #path(which?: string): string {
    return path.join(keptFolder, which === undefined ? `${this.#name}.json` : `${this.#name}.${which}.json`);
  }
}

function withoutFormat({ format: _, ...content }: Json = {}): Json {
  return content;
}

/** Makes `.graminsta`. @throws what keeps anything from being written there */
export async function makeKeptFolder(): Promise<void> {
  // Asked first: on a read-only disk Node.js says of a folder that it makes with its parents that there is no such one.
  const nearest = [keptFolder, path.dirname(keptFolder)].find(existsSync);
  if (nearest !== undefined) await access(nearest, constants.W_OK);
  await mkdir(keptFolder, { recursive: true });
}

async function parsed(file: string): Promise<Json | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as unknown;
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full for this user',
  EROFS: 'the disk is read-only',
  EACCES: 'writing is not allowed there',
  EPERM: 'writing is not allowed there',
  ENOTDIR: 'what should be a folder is none',
  EISDIR: 'that is a folder',
  ENOENT: 'there is no such folder',
  ELOCKED: 'another command does not let go of it',
};

/** Why `.graminsta` could not be written to: `the disk is full (.graminsta)`. */
export function reasonOf(error: unknown): string {
  const place = path.relative(repository, keptFolder);
  return `${inWords(error)} (${place.startsWith('..') ? path.basename(keptFolder) : place})`;
}

/** Why a file could not be written: `the disk is full`. */
export function inWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? message;
}
