import { KeptFile } from './kept-file.ts';

const file = new KeptFile('hints', 1);

/**
 * Counts how often a hint was asked for, and says how many may be shown: one more each time.
 * @throws NotKept when it cannot be counted.
 */
export async function countHint(step: string, slug: string, levels: number): Promise<number> {
  const key = `${step}/${slug}`;
  let level = 1;
  await file.update((content) => {
    level = Math.min(levels, asked(content[key]) + 1);
    return { ...content, [key]: level };
  });
  return level;
}

function asked(count: unknown): number {
  return typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : 0;
}
