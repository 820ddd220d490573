// The reference solution of step 6 before a cache that is there and of no use: it loads, is a replica, is full, or holds what nobody can read.

import net from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pause, until } from '../../src/runtime/until.ts';
import { Breaker } from '../../../steps/06-cache-replicas/solution/src/breaker.ts';

type Cache = typeof import('../../../steps/06-cache-replicas/solution/src/cache.ts');
/** What is answered to a command: its bytes, as they go over the wire. */
type Answer = (command: string[]) => string;

const patience = { timeoutMs: 5_000 };
const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const found = (entry: string): string => `*3\r\n${bulk(entry)}:1000\r\n:0\r\n`;
const nothing = '*3\r\n$-1\r\n:1000\r\n:1\r\n';
const isScript = ([name = '']: string[]): boolean => name.toUpperCase().startsWith('EVAL');
/** Well in everything but the scripts. */
const toScripts = (answer: Answer): Answer => (command) => (isScript(command) ? answer(command) : '+OK\r\n');

const endings: (() => void)[] = [];
// The breaker says what it does, which here is expected.
beforeEach(() => {
  for (const method of ['log', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  for (const end of endings.splice(0)) end();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** A server that reads commands and knows nothing of what they mean. */
class Stub {
  answer: Answer;
  readonly scripts: string[][] = [];

  constructor(answer: Answer) {
    this.answer = answer;
  }

  listen(socket: net.Socket): void {
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      text += bytes.toString();
      for (let taken = take(text); taken; taken = take(text)) {
        text = text.slice(taken.length);
        if (isScript(taken.command)) this.scripts.push(taken.command);
        socket.write(this.answer(taken.command));
      }
    });
  }
}

/** The first command of a text, as soon as it is whole. All of them are plain ASCII here. */
function take(text: string): { command: string[]; length: number } | undefined {
  const [head = '', count] = /^\*(\d+)\r\n/.exec(text) ?? [];
  const command: string[] = [];
  let length = head.length;
  while (command.length < Number(count)) {
    const [size = '', bytes] = /^\$(\d+)\r\n/.exec(text.slice(length)) ?? [];
    const begin = length + size.length;
    const end = begin + Number(bytes);
    if (bytes === undefined || text.length < end + 2) return undefined;
    command.push(text.slice(begin, end));
    length = end + 2;
  }
  return count === undefined ? undefined : { command, length };
}

/** The solution's cache, anew, with this server behind it. */
async function startCache(answer: Answer): Promise<{ cache: Cache; stub: Stub }> {
  const stub = new Stub(answer);
  const server = net.createServer((socket) => stub.listen(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  for (const name of ['DATABASE_URL', 'MIGRATION_DATABASE_URL', 'REPLICA_URL', 'WEB_ORIGINS', 'STORAGE_URL', 'STORAGE_PUBLIC_URL', 'UPLOAD_SECRET']) vi.stubEnv(name, 'http://unused.test');
  vi.stubEnv('CACHE_URL', `redis://127.0.0.1:${port}`);
  vi.resetModules();
  const cache = await import('../../../steps/06-cache-replicas/solution/src/cache.ts');
  endings.push(() => server.close(), () => cache.closeCache());
  cache.connectCache();
  return { cache, stub };
}

describe('a cache that says no', () => {
  const refusals = {
    'it loads': (): string => '-LOADING Redis is loading the dataset in memory\r\n',
    'it is a replica': toScripts(() => "-READONLY You can't write against a read only replica.\r\n"),
    'it is full': toScripts(() => "-OOM command not allowed when used memory > 'maxmemory'.\r\n"),
  };

  test.each(Object.entries(refusals))('is as good as none, costs no time, and is used again afterwards: %s', async (_how, refusal) => {
    const { cache, stub } = await startCache(refusal);
    await pause(50);
    for (let count = 0; count < 5; count += 1) {
      const startedAt = performance.now();
      expect(await cache.lookUp('feed:1:20:')).toBe('no cache');
      await cache.keep('feed:1:20:', { version: 1, value: [] }, { since: 1, isAwaited: true });
      expect(performance.now() - startedAt).toBeLessThan(800);
    }
    stub.answer = toScripts(() => nothing);
    await until('the cache to be used again', async () => (await cache.lookUp('feed:1:20:')) !== 'no cache', patience);
    expect(await cache.lookUp('feed:1:20:')).toEqual({ ticket: { since: 1000, isAwaited: true } });
  });
});

describe('an entry', () => {
  const unreadable = ['3 {}', '3 null', '3 [null]', '3 {"photos":{},"next":null}', '3 {"photos":[]}', '99999999999999999999 []', '99999999 {"pho', '[]', ''];

  test.each(unreadable)('that cannot be read is taken away, and one of all who found it reads it anew: %s', async (entry) => {
    const { cache, stub } = await startCache(toScripts(() => '+OK\r\n'));
    stub.answer = toScripts(() => (stub.scripts.some((script) => script[2] === '1') ? nothing : found(entry)));
    let first: unknown;
    await until('an answer', async () => (first = await cache.lookUp('photo:1:7')) !== 'no cache', patience);
    expect(first).toBe('somebody else reads it');
    // The script compares: what another has put there meanwhile stays.
    expect(stub.scripts.at(-1)?.slice(2)).toEqual(['1', 'photo:1:7', entry]);
    expect(await cache.lookUp('photo:1:7')).toEqual({ ticket: { since: 1000, isAwaited: true } });
  });

  test.each(['3 []', '3 [{"id":"7"}]', '3 {"photos":[],"next":null}', '3 {"photos":[{"id":"7"}],"next":"x"}'])('that can be read is shown: %s', async (entry) => {
    const { cache } = await startCache(toScripts(() => found(entry)));
    let first: unknown;
    await until('an answer', async () => (first = await cache.lookUp('photo:1:7')) !== 'no cache', patience);
    expect(first).toMatchObject({ shown: { version: 3, value: JSON.parse(entry.slice(2)) as unknown } });
  });
});

describe('a breaker that is open', () => {
  test('is not closed by what was under way before, and sends one row of probes', async () => {
    let probes = 0;
    let isBack = false;
    const probe = (): Promise<void> => {
      probes += 1;
      return isBack ? Promise.resolve() : Promise.reject(new Error('still away'));
    };
    const breaker = new Breaker({ name: 'it', patienceMs: 1_000, probe });
    const fail = (): Promise<never> => breaker.run(() => Promise.reject(new Error('away')));
    const late = breaker.run(() => pause(100));
    const later = breaker.run(() => pause(150).then(() => Promise.reject(new Error('away'))));
    await Promise.allSettled([fail(), fail(), late, later]);
    expect(breaker.isOpen).toBe(true);
    await expect(fail()).rejects.toThrow('Not asked');
    await pause(700);
    expect(probes).toBeGreaterThan(0);
    expect(probes).toBeLessThanOrEqual(4);
    isBack = true;
    await until('it to be closed', () => !breaker.isOpen, patience);
  });
});
