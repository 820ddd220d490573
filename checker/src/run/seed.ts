// A dozen pictures by a handful of people, posted as anybody would post them.

import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Answer } from '../check/answer.ts';
import { isNotNow } from '../check/require.ts';
import { User } from '../check/user.ts';
import { until } from '../runtime/until.ts';
import { repository } from './repository.ts';

interface Seed {
  file: string;
  username: string;
  caption: string;
}

const folder = path.join(repository, 'checker/fixtures/seed');

/** Why nothing was posted: no photos are taken, or not at this moment. */
export type Unseeded = 'takes none' | 'not ready' | 'too many log-ins';

/** How long one look may take: nobody who pressed Ctrl-C waits longer. */
const lookMs = 2_000;

export interface SeedOptions {
  /** How long to wait for the API to be ready. */
  readyWithinMs?: number;
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * Posts the pictures when the feed is empty, as soon as the API is ready.
 * @param base where the API is
 * @returns how many were posted: 0 when there are some already; otherwise why none was.
 */
export async function seedFeed(base: string, options: SeedOptions = {}): Promise<number | Unseeded> {
  const visitor = new User('visitor', { base });
  try {
    if (!(await getsReady(visitor, options))) return 'not ready';
    const answer = await visitor.feed({ limit: 1 });
    const { photos } = (answer.json ?? {}) as { photos?: unknown };
    if (!Array.isArray(photos)) return reasonOf(answer);
    return photos.length > 0 ? 0 : await post(base);
  } finally {
    visitor.client.close();
  }
}

/** Asks /readyz until it says yes, or that there is no such thing: a step may do without. */
async function getsReady(visitor: User, { readyWithinMs = 10_000, signal }: SeedOptions): Promise<boolean> {
  const look = async (): Promise<boolean> => {
    const { status } = await visitor.client.send({ url: '/readyz', timeoutMs: Math.min(readyWithinMs, lookMs) });
    return status === 200 || status === 404;
  };
  return until('the API to be ready', look, { timeoutMs: readyWithinMs, everyMs: 50, ...(signal && { signal }) }).catch(() => false);
}

async function post(base: string): Promise<number | Unseeded> {
  const seeds = JSON.parse(await readFile(path.join(folder, 'seed.json'), 'utf8')) as Seed[];
  const people = new Map<string, User>();
  let posted = 0;
  try {
    for (const { file, username, caption } of seeds) {
      // By the newest way there is; an API that does not know it yet gets a form.
      const user = people.get(username) ?? new User(username, { base, uploadsTo: 'storage' });
      if (!people.has(username)) {
        people.set(username, user);
        // Whoever has an account from another time logs in.
        const entry = (await user.signsUp()).ok ? undefined : await user.logsIn();
        if (entry && !entry.ok) return posted > 0 ? posted : reasonOf(entry);
      }
      const picture = { fileName: file, type: 'image/webp', bytes: readFileSync(path.join(folder, file)) };
      const upload = await user.uploads(picture, { caption });
      if (!upload.ok) return posted > 0 ? posted : reasonOf(upload);
      posted += 1;
    }
    return posted;
  } finally {
    for (const user of people.values()) user.client.close();
  }
}

function reasonOf(answer: Answer): Unseeded {
  const { status, silence } = answer;
  if (status === 429) return 'too many log-ins';
  return silence !== undefined || isNotNow(answer) ? 'not ready' : 'takes none';
}
