// A dozen pictures by a handful of people, posted as anybody would post them.

import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { User } from '../check/user.ts';
import { repository } from './repository.ts';

interface Seed {
  file: string;
  username: string;
  caption: string;
}

const folder = path.join(repository, 'checker/fixtures/seed');

/**
 * Posts the pictures when the feed is empty.
 * @param base where the API is
 * @returns how many were posted; undefined when the app does not take photos yet.
 */
export async function seedFeed(base: string): Promise<number | undefined> {
  const visitor = new User('visitor', { base });
  const { photos } = ((await visitor.feed({ limit: 1 })).json ?? {}) as { photos?: unknown };
  visitor.client.close();
  if (!Array.isArray(photos)) return undefined;
  if (photos.length > 0) return 0;

  const seeds = JSON.parse(await readFile(path.join(folder, 'seed.json'), 'utf8')) as Seed[];
  const people = new Map<string, User>();
  for (const { file, username, caption } of seeds) {
    const user = people.get(username) ?? new User(username, { base });
    if (!people.has(username)) {
      if (!(await user.signsUp()).ok && !(await user.logsIn()).ok) return undefined;
      people.set(username, user);
    }
    const picture = { fileName: file, type: 'image/webp', bytes: readFileSync(path.join(folder, file)) };
    if (!(await user.uploads(picture, { caption })).ok) return undefined;
  }
  for (const user of people.values()) user.client.close();
  return seeds.length;
}
