// A machine with a Redis for real, what a check sees of it, and everything that can happen to it.

import { chmodSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Redis } from '../../src/check/redis.ts';
import { commandIn } from '../../src/check/redis-monitor.ts';
import { RespConnection } from '../../src/check/resp-connection.ts';
import { decodeReply, encodeCommand, RedisError } from '../../src/check/resp.ts';
import { MissingProgram, Ports, prepareStepFiles, RunDirectory, RunningStack, until, type StackOptions, type StepFiles } from '../../src/runtime/index.ts';
import { find } from '../../src/runtime/programs.ts';
import { defineStack } from '../../src/stack/index.ts';
import { temporaryFolder } from './temporary.ts';

/** A machine that knows the cache, so that there is a wire; it is started by a heal only. */
const description = defineStack(({ machine }) => {
  const cache = machine('cache').redis();
  machine('api').node('src/api.ts', { CACHE_URL: cache.url });
  return {};
});
const api = "import http from 'node:http';\nhttp.createServer().listen(Number(process.env['PORT']), process.env['HOST']);\n";

/** A Redis that has to read what it kept before it can answer; it does so for three who ask. */
const slowRedis = `#!${process.execPath}
let asked = 0;
const port = process.argv[process.argv.indexOf('--port') + 1];
require('node:net').createServer((socket) => socket.on('error', () => undefined).on('data', () => {
  asked += 1;
  socket.write(asked <= 3 ? '-LOADING Redis is loading the dataset in memory\\r\\n' : '+PONG\\r\\n');
})).listen(Number(port), '127.0.0.1');
`;

let directory: RunDirectory;
let ports: Ports;
let files: StepFiles;
let stack: RunningStack | undefined;
const redises: Redis[] = [];
const connections: RespConnection[] = [];

beforeAll(async () => {
  [directory, ports] = await Promise.all([RunDirectory.create(), Ports.claim()]);
  files = await prepareStepFiles(temporaryFolder({ 'package.json': '{ "type": "module" }', 'src/api.ts': api }), description, path.join(directory.path, 'files'));
});
afterEach(async () => {
  for (const one of [...redises.splice(0), ...connections.splice(0)]) one.close();
  await stack?.stop();
  stack = undefined;
});
afterAll(async () => {
  await directory.remove();
  await ports.release();
});

async function start(more: Partial<StackOptions> = {}): Promise<{ running: RunningStack; redis: Redis }> {
  const running = await RunningStack.start(description, { files, stackFolder: await directory.forStack(), run: directory, ports, off: ['api'], ...more });
  stack = running;
  return { running, redis: look(running) };
}

function look(running: RunningStack): Redis {
  const redis = new Redis(running, 'cache');
  redises.push(redis);
  return redis;
}

/** Somebody who connects as an app does, over the wire. */
async function client(running: RunningStack, timeoutMs = 5_000): Promise<RespConnection> {
  const connection = await RespConnection.open(running.wire('api', 'cache').port, timeoutMs);
  connections.push(connection);
  return connection;
}

describe.runIf(await find(['redis-server', 'valkey-server']))('a Redis', () => {
  test('answers over the wire, and at no address but the loopback', async () => {
    const { running } = await start();
    const app = await client(running);
    expect(await app.send(['SET', 'greeting', 'grüß Gott'])).toBe('OK');
    expect(await app.send(['GET', 'greeting'])).toBe('grüß Gott');
    expect(await app.send(['MGET', 'greeting', 'nothing'])).toEqual(['grüß Gott', null]);
    expect(running.wire('api', 'cache').seen().answeredBytes).toBeGreaterThan(0);
    expect(await app.send(['CONFIG', 'GET', 'bind'])).toEqual(['bind', '127.0.0.1']);
  });

  test('is as large as a small one that is rented, and refuses what does not fit', async () => {
    const { running, redis } = await start();
    expect(await redis.send('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', String(128 * 1024 * 1024)]);
    await redis.configure('maxmemory', 1);
    const app = await client(running);
    await expect(app.send(['SET', 'key', 'value'])).rejects.toMatchObject({ name: 'RedisError', code: 'OOM' });
    await redis.configure('maxmemory', '128mb');
    expect(await app.send(['SET', 'key', 'value'])).toBe('OK');
  });

  test('that is killed refuses connections, and is empty when it is back', async () => {
    const { running, redis } = await start();
    const app = await client(running);
    await app.send(['SET', 'key', 'value']);
    await running.machine('cache').kill();
    await app.closed;
    await expect(client(running)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(redis.keys()).rejects.toThrow();
    await running.machine('cache').start();
    expect(await (await client(running)).send(['GET', 'key'])).toBeNull();
    expect(await redis.keys()).toEqual([]);
  });

  test('that is paused accepts and says nothing, until it goes on', async () => {
    const { running } = await start();
    const app = await client(running);
    await running.machine('cache').pause();
    const late = app.send(['PING']);
    const impatient = await client(running, 50);
    await expect(impatient.send(['PING'])).rejects.toThrow('Redis said nothing for 0.05 s.');
    await running.machine('cache').resume();
    expect(await late).toBe('PONG');
  });

  test('ends when it is asked to, and is there after a restart, a heal and a loss of its disk', async () => {
    const { running } = await start();
    const cache = running.machine('cache');
    expect(await cache.restart()).toEqual([]);
    expect(await (await client(running)).send(['PING'])).toBe('PONG');
    await cache.kill();
    await running.heal();
    expect(await (await client(running)).send(['PING'])).toBe('PONG');
    await cache.replace();
    expect(await (await client(running)).send(['PING'])).toBe('PONG');
  });

  test('has what it had when its data is kept', async () => {
    const options = { durable: true, stackFolder: await directory.forStack() };
    const { running: first } = await start(options);
    await (await client(first)).send(['SET', 'key', 'value']);
    await first.machine('cache').kill();
    await first.machine('cache').start();
    expect(await (await client(first)).send(['GET', 'key'])).toBe('value');
    await first.stop({ graceMs: 5_000 });

    const { running: second } = await start(options);
    expect(await (await client(second)).send(['GET', 'key'])).toBe('value');
  });

  test('can be warm before the rest of a stack is there', async () => {
    const running = await RunningStack.warm(description, { files, stackFolder: await directory.forStack(), run: directory, ports, off: ['api'] });
    stack = running;
    expect(running.machine('cache').running).toBe(true);
    await running.complete(files);
    expect(await (await client(running)).send(['PING'])).toBe('PONG');
  });
});

describe.runIf(await find(['redis-server', 'valkey-server']))('what a check sees of a Redis:', () => {
  test('its keys, and how long each stays', async () => {
    const { running, redis } = await start();
    const app = await client(running);
    for (let key = 0; key < 2_500; key += 1) void app.send(['SET', `feed:${key}`, 'x', 'EX', 60]);
    await app.send(['SET', 'for ever', 'x']);
    const keys = await redis.keys();
    expect(keys).toHaveLength(2_501);
    expect(keys.filter(({ ttlMs }) => ttlMs === undefined)).toEqual([{ name: 'for ever', database: 0, ttlMs: undefined }]);
    expect(keys[0]).toMatchObject({ name: 'feed:0' });
    expect(keys[0]?.ttlMs).toBeGreaterThan(0);
    expect(keys[0]?.ttlMs).toBeLessThanOrEqual(60_000);
    expect((await redis.keys('for*')).map(({ name }) => name)).toEqual(['for ever']);
    await redis.empty();
    expect(await redis.keys()).toEqual([]);
  });

  test('its keys in whichever of its databases the app has chosen', async () => {
    const { running, redis } = await start();
    const app = await client(running);
    await app.send(['SET', 'both', 'x', 'EX', 60]);
    await app.send(['SELECT', 11]);
    await app.send(['SADD', 'both', 'x', 'y']);
    expect(await redis.keys()).toEqual([
      { name: 'both', database: 0, ttlMs: expect.any(Number) as number },
      { name: 'both', database: 11, ttlMs: undefined },
    ]);
    expect(await redis.sendTo(11, 'SCARD', 'both')).toBe(2);
    expect(await redis.send('GET', 'both')).toBe('x');
    await redis.empty();
    expect(await redis.keys()).toEqual([]);
  });

  test('who is connected, and what everybody else asks', async () => {
    const { running, redis } = await start();
    const app = await client(running);
    await app.send(['CLIENT', 'SETNAME', 'api']);
    expect(await redis.clients()).toMatchObject([{ name: 'api', command: expect.stringMatching(/^client/) as string }]);

    await app.send(['GET', 'before']);
    const listening = await redis.listen();
    await app.send(['SET', 'a "key"', 'grüß\r\nGott\\']);
    await redis.keys();
    await app.send(['EVAL', "return redis.call('GET', KEYS[1])", 1, 'in a script']);
    const heard = await listening.stop();
    await app.send(['GET', 'after']);
    const [address] = (await redis.clients()).map((one) => one.address);
    expect(heard.map(({ client: who, words }) => [who, ...words])).toEqual([
      [address, 'SET', 'a "key"', 'grüß\r\nGott\\'],
      [address, 'EVAL', "return redis.call('GET', KEYS[1])", '1', 'in a script'],
      ['lua', 'GET', 'in a script'],
    ]);
    expect(Math.abs((heard[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await redis.info())['keyspace_misses']).toBe('3');
  });

  test('what was heard before it was killed', async () => {
    const { running, redis } = await start();
    const app = await client(running);
    const listening = await redis.listen();
    await app.send(['GET', 'key']);
    await until('it to be heard', async () => Number((await redis.info())['keyspace_misses']) === 1, { timeoutMs: 2_000 });
    await running.machine('cache').kill();
    expect((await listening.stop()).map(({ words }) => words)).toEqual([['GET', 'key']]);
  });
});

test('a Redis is not there for anybody before it has read what it kept', async () => {
  const folder = temporaryFolder({ 'redis-server': slowRedis });
  chmodSync(path.join(folder, 'redis-server'), 0o755);
  vi.stubEnv('PATH', folder);
  try {
    const { running } = await start();
    expect(await (await client(running)).send(['PING'])).toBe('PONG');
  } finally {
    vi.unstubAllEnvs();
  }
});

const installedAside = await find(['.graminsta/redis/redis-server', '/opt/homebrew/bin/redis-server', '/usr/local/bin/redis-server']);

test.skipIf(installedAside)("a Redis that is not installed is nobody's mistake, and the way to add it is named", async () => {
  vi.stubEnv('PATH', '');
  try {
    const failure = await start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MissingProgram);
    expect(failure).toMatchObject({ message: 'Machine "cache" runs redis-server, which is not installed on this computer.', remedy: expect.any(String) as string });
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a Redis that is not on the machine is told of by name', async () => {
  const running = await RunningStack.start(description, { files, stackFolder: await directory.forStack(), run: directory, ports, off: ['api', 'cache'] });
  stack = running;
  expect(() => new Redis(running, 'api')).toThrow('There is no Redis on "api".');
});

describe('the protocol of Redis', () => {
  const all = '+OK\r\n$5\r\na\r\nbc\r\n:-2\r\n*3\r\n$-1\r\n*0\r\n-ERR no\r\n*-1\r\n$0\r\n\r\n$4\r\n\u00fc\u00fc\r\n';

  test('is read whole', () => {
    const bytes = Buffer.from(all);
    const replies = [];
    for (let at = 0; at < bytes.length; ) {
      const next = decodeReply(bytes, at);
      if (!next) throw new Error('not whole');
      replies.push(next.reply);
      at = next.end;
    }
    expect(replies).toEqual(['OK', 'a\r\nbc', -2, [null, [], new RedisError('ERR no')], null, '', '\u00fc\u00fc']);
  });

  test('is not read before it is all there', () => {
    for (const reply of ['+OK\r\n', '$5\r\na\r\nbc\r\n', '*2\r\n:1\r\n$1\r\nx\r\n']) {
      for (let length = 0; length < reply.length; length += 1) expect(decodeReply(Buffer.from(reply.slice(0, length)))).toBeUndefined();
      expect(decodeReply(Buffer.from(reply))).toMatchObject({ end: reply.length });
    }
  });

  test('is told from what is none', () => {
    expect(() => decodeReply(Buffer.from('HTTP/1.1 200 OK\r\n'))).toThrow('This is no reply of a Redis: "HTTP/1.1 200 OK"');
  });

  test('is written by bytes, not by letters', () => {
    expect(encodeCommand(['SET', 'ü', 12]).toString()).toBe('*3\r\n$3\r\nSET\r\n$2\r\nü\r\n$2\r\n12\r\n');
  });

  test('is put together from pieces, however they arrive', async () => {
    const server = net.createServer((socket) => {
      socket.setNoDelay();
      socket.once('data', () => {
        let at = 0;
        const bytes = Buffer.from('$4\r\n\u00fc\u00fc\r\n');
        const send = (): void => {
          socket.write(bytes.subarray(at, (at += 1)), () => (at < bytes.length ? setImmediate(send) : socket.end()));
        };
        send();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const connection = await RespConnection.open(typeof address === 'object' ? (address?.port ?? 0) : 0, 5_000);
    expect(await connection.send(['GET', 'x'])).toBe('\u00fc\u00fc');
    await connection.closed;
    await expect(connection.send(['GET', 'x'])).rejects.toThrow('closed');
    server.close();
  });

  test('has a line for each command that is listened to', () => {
    expect(commandIn('1339518083.107412 [0 127.0.0.1:60866] "set" "a \\"b\\"" "\\xc3\\xbc\\n\\\\x41"')).toEqual({
      at: 1_339_518_083_107.412,
      client: '127.0.0.1:60866',
      words: ['set', 'a "b"', 'ü\n\\x41'],
    });
    expect(() => commandIn('OK')).toThrow('This is no line of MONITOR: OK');
  });
});
