// The cache: pages of the feed and photos, each kind in one hash.

import { createClient } from 'redis';
import { Breaker } from './breaker.ts';
import { config } from './config.ts';

export interface Shown<Value> {
  version: number;
  value: Value;
}

const lifetimeMs = 20_000;

const client = createClient({ url: config.cacheUrl, disableOfflineQueue: true, commandOptions: { timeout: 500 } });
client.on('error', () => {});
const breaker = new Breaker({ name: 'the cache', patienceMs: 150, probe: () => client.ping() });

export function connectCache(): void {
  client.connect().catch(() => {});
}

export function closeCache(): void {
  client.destroy();
}

export async function lookUp<Value>(key: string): Promise<Shown<Value> | undefined> {
  const text = await breaker.run(() => client.hGet(kindOf(key), key)).catch(() => null);
  return text ? (JSON.parse(text) as Shown<Value>) : undefined;
}

/** Kept unless something has changed since the reading began. */
export async function keep(key: string, shown: Shown<unknown>, changes: string): Promise<void> {
  const script = "if (redis.call('GET', 'changes') or '') == ARGV[1] then redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) redis.call('PEXPIRE', KEYS[1], ARGV[4], 'NX') end return 0";
  await breaker.run(() => client.eval(script, { keys: [kindOf(key)], arguments: [changes, key, JSON.stringify(shown), String(lifetimeMs)] })).catch(() => {});
}

export async function forget(...kinds: string[]): Promise<void> {
  await breaker.run(() => client.multi().incr('changes').del(kinds).exec()).catch(() => {});
}

export async function changesSoFar(): Promise<string> {
  return (await breaker.run(() => client.get('changes')).catch(() => '')) ?? '';
}

/** `feed`, `photo` */
function kindOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}
