import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { progressFolder } from './progress.ts';

const file = path.join(progressFolder, 'hints.json');

/** Counts how often a hint was asked for, and returns how many may be shown: one more each time. */
export async function countHint(step: string, slug: string, levels: number): Promise<number> {
  const key = `${step}/${slug}`;
  const asked = await read();
  const level = Math.min(levels, (asked[key] ?? 0) + 1);
  await mkdir(progressFolder, { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify({ ...asked, [key]: level }, null, 2)}\n`);
  return level;
}

async function read(): Promise<Record<string, number>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}
