// What the API asks of storage, another machine, which may be slow, silent or gone.

import { config } from './config.ts';
import { permittedPath } from './permission.ts';
import { Problem } from './problems.ts';

const patienceMs = 2_000;
/** For a call that takes milliseconds: see `Permission` for why it may not be less than minutes. */
const permissionMs = 5 * 60 * 1000;

export interface StoredObject {
  type: string;
  bytes: number;
}

/** What storage has under this name, if anything. @throws StorageUnavailable */
export async function findObject(name: string): Promise<StoredObject | undefined> {
  const answer = await ask('HEAD', `/images/${name}`);
  if (answer.status === 403 || answer.status === 404) return undefined;
  if (!answer.ok) throw new StorageUnavailable(`it answered ${answer.status}`);
  return { type: answer.headers.get('content-type') ?? '', bytes: Number(answer.headers.get('content-length')) };
}

/** It is gone afterwards, also when it was not there. @throws StorageUnavailable */
export async function deleteObject(name: string): Promise<void> {
  const permission = { method: 'DELETE', name, type: '', size: 0, expires: Date.now() + permissionMs } as const;
  const { ok, status } = await ask('DELETE', permittedPath(permission, config.uploadSecret));
  if (!ok && status !== 404) throw new StorageUnavailable(`it answered ${status}`);
}

async function ask(method: string, path: string): Promise<Response> {
  try {
    const answer = await fetch(new URL(path, config.storageUrl), { method, redirect: 'manual', signal: AbortSignal.timeout(patienceMs) });
    await answer.body?.cancel();
    return answer;
  } catch (error) {
    throw new StorageUnavailable(error instanceof Error && error.name === 'TimeoutError' ? 'it does not answer' : 'it cannot be reached');
  }
}

/** Storage cannot be had at the moment; trying again soon is worth it. */
export class StorageUnavailable extends Problem {
  constructor(reason: string) {
    super(503, `Storage is not available: ${reason}.`, { 'Retry-After': '1' });
  }
}
