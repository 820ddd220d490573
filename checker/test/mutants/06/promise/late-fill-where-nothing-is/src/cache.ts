// The cache: pages of the feed and photos, each kind in one hash.

import { createClient } from 'redis';
import { config } from './config.ts';

export interface Shown<Value> {
  version: number;
  value: Value;
}

const lifetimeMs = 20000;

const client = createClient({ url: config.cacheUrl, disableOfflineQueue: true, commandOptions: { timeout: 500 } });
client.on('error', () => {});

export function connectCache(): void {
  client.connect().catch(() => {});
}

export function closeCache(): void {
  client.destroy();
}

export async function lookUp<Value>(key: string): Promise<Shown<Value> | undefined> {
  const text = await client.hGet(kindOf(key), key).catch(() => null);
  return text ? (JSON.parse(text) as Shown<Value>) : undefined;
}

/** What somebody else has put there is newer. */
export async function keep(key: string, shown: Shown<unknown>): Promise<void> {
  await client.multi().hSetNX(kindOf(key), key, JSON.stringify(shown)).pExpire(kindOf(key), lifetimeMs, 'NX').exec().catch(() => {});
}

export async function forget(...kinds: string[]): Promise<void> {
  await client.del(kinds).catch(() => {});
}

/** `feed`, `photo` */
function kindOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}
