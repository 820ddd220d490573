// Which commit is checked out, read from git's own files: starting git takes longer than all of it.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

const commit = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The commit's hash; null without git, before the first commit, and where git keeps it in a way unknown here. */
export async function revisionOf(repository: string): Promise<string | null> {
  const folder = await gitFolder(repository);
  const head = await lineOf(path.join(folder, 'HEAD'));
  const ref = /^ref: (refs\/.+)$/.exec(head)?.[1];
  if (ref === undefined) return commit.test(head) ? head : null;
  // The branches of a linked worktree are with the others.
  const shared = path.resolve(folder, (await lineOf(path.join(folder, 'commondir'))) || '.');
  const loose = await lineOf(path.join(shared, ref));
  return commit.test(loose) ? loose : packed(await textOf(path.join(shared, 'packed-refs')), ref);
}

/** In a linked worktree `.git` is a file that says where the folder is. */
async function gitFolder(repository: string): Promise<string> {
  const place = path.join(repository, '.git');
  const elsewhere = /^gitdir: (.+)$/.exec(await lineOf(place))?.[1];
  return elsewhere === undefined ? place : path.resolve(repository, elsewhere);
}

function packed(refs: string, ref: string): string | null {
  const hash = refs.split('\n').map((line) => line.trim().split(' ')).find(([, name]) => name === ref)?.[0];
  return hash !== undefined && commit.test(hash) ? hash : null;
}

async function lineOf(file: string): Promise<string> {
  return (await textOf(file)).trim();
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
