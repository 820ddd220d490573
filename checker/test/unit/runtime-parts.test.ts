// The small parts that the runtime stands on: ports, process trees, logs, waiting.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Log } from '../../src/runtime/log.ts';
import { Ports } from '../../src/runtime/ports.ts';
import { isAlive, listeningPorts, signal, withDescendants, withVariable } from '../../src/runtime/process-tree.ts';
import { pause, TimeoutError, until } from '../../src/runtime/until.ts';

const patience = { timeoutMs: 5_000 };
const onLinux = test.runIf(process.platform === 'linux');

describe('ports', () => {
  const claimed: Ports[] = [];
  const claim = async (preferred?: number): Promise<Ports> => {
    const ports = await Ports.claim(preferred);
    claimed.push(ports);
    return ports;
  };
  const release = async (): Promise<void> => void (await Promise.all(claimed.splice(0).map((ports) => ports.release())));
  afterEach(release);

  /** The block that a port is of. */
  const block = (port: number): number => Math.floor((port - 20_000) / 300);

  test('of two commands are never the same, whichever they prefer', async () => {
    const commands = await Promise.all(Array.from({ length: 8 }, () => claim(20)));
    const taken: number[] = [];
    await Promise.all(commands.map(async (ports) => {
      for (let count = 0; count < 20; count += 1) taken.push(await ports.take());
    }));
    expect(new Set(taken).size).toBe(160);
    expect(Math.min(...taken)).toBeGreaterThan(20_000);
    expect(Math.max(...taken)).toBeLessThan(32_000);
  });

  test('are the same again for a command that prefers them, once they are free', async () => {
    const first = await (await claim(27)).take();
    await release();
    expect(await (await claim(27)).take()).toBe(first);
    const besides = await (await claim(27)).take();
    expect(block(besides)).not.toBe(block(first));
  });

  test('that somebody else listens on are passed over', async () => {
    const ports = await claim();
    const next = (await ports.take()) + 1;
    const other = net.createServer().listen({ port: next, host: '127.0.0.1' });
    await once(other, 'listening');
    expect(await ports.take()).not.toBe(next);
    other.close();
  });

  test('run out with a sentence, and can be given back', async () => {
    const ports = await claim();
    const taken: number[] = [];
    const takeAll = async (): Promise<void> => {
      while (taken.length < 300) taken.push(await ports.take());
    };
    await expect(takeAll()).rejects.toThrow(/^Every port from [23]\d{4} to [23]\d{4} is taken\.$/);
    expect(taken.length).toBeGreaterThan(250);
    ports.giveBack(taken.slice(0, 1));
    expect(await ports.take()).toBe(taken[0]);
  });

  test('let one section at a time be alone, and the next when one failed', async () => {
    const commands = [await claim(), await claim(), await claim()];
    let [inside, most, ran] = [0, 0, 0];
    const section = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await pause(15);
      inside -= 1;
      ran += 1;
      if (ran === 2) throw new Error('the second failed');
    };
    const outcomes = await Promise.allSettled([...commands, ...commands].map((ports) => ports.alone(section)));
    expect([most, ran]).toEqual([1, 6]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await commands[0]?.alone(async () => 'an answer')).toBe('an answer');
  });
});

describe('a process tree', () => {
  const started: number[] = [];
  afterAll(() => started.forEach((pid) => signal(pid, 'SIGKILL')));

  /** Starts a program that prints numbers, and gives them when there are enough. */
  async function start(script: string, count: number, env: Record<string, string> = {}): Promise<{ child: ChildProcess; numbers: number[] }> {
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] ?? '', ...env } });
    started.push(child.pid ?? 0);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const numbers = await until('its numbers', () => {
      const found = text.split('\n').slice(0, -1).map(Number);
      return found.length >= count && found;
    }, patience);
    return { child, numbers };
  }

  test('holds children and their children, parents first', async () => {
    const { child, numbers } = await start(
      `const { spawn } = require('node:child_process');
       const sh = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'inherit', 'inherit'] });
       console.log(sh.pid);`,
      2,
    );
    started.push(...numbers);
    const family = withDescendants([child.pid ?? 0]);
    expect(family[0]).toBe(child.pid);
    expect(family.slice(1).sort()).toEqual([...numbers].sort());
    expect(withDescendants([process.pid])).toEqual(expect.arrayContaining(family));
  });

  onLinux('loses a child that went its own way, which is found by what it inherited', async () => {
    const { child, numbers } = await start(
      `const { spawn } = require('node:child_process');
       const away = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
       away.unref();
       console.log(away.pid);`,
      1,
      { GRAMINSTA_TEST: `run ${process.pid}` },
    );
    started.push(...numbers);
    if (child.exitCode === null) await once(child, 'exit');
    expect(withDescendants([child.pid ?? 0])).toEqual([child.pid]);
    expect(withVariable('GRAMINSTA_TEST', `run ${process.pid}`)).toEqual(numbers);
    expect(withVariable('GRAMINSTA_TEST', `run`)).toEqual([]);
  });

  onLinux('does not count a zombie as alive', async () => {
    // The shell becomes a program that collects no children.
    const { child, numbers } = await start(
      `const { spawn } = require('node:child_process');
       spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 60'], { stdio: ['ignore', 'inherit', 'inherit'] }).on('spawn', function () { console.log(this.pid); });`,
      2,
    );
    started.push(...numbers);
    const family = (): number[] => withDescendants([child.pid ?? 0]).slice(1);
    await until('the zombie', () => numbers.some((pid) => !isAlive(pid)), patience);
    expect(family().sort()).toEqual([...numbers].sort());
    expect(numbers.filter(isAlive)).toHaveLength(1);
  });

  test('knows who is alive and who is gone, and signals to the gone are no mistake', async () => {
    const { child } = await start('console.log(1); setInterval(() => {}, 1000)', 1);
    expect(isAlive(child.pid ?? 0)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(child.pid ?? 0)).toBe(false);
    expect(() => signal(child.pid ?? 0, 'SIGKILL')).not.toThrow();
  });

  onLinux('listens on the ports of all its members, on IPv4 and IPv6', async () => {
    const { child, numbers } = await start(
      `const { spawn } = require('node:child_process');
       const serve = "require('node:net').createServer().listen(0, process.argv[1], function () { console.log(this.address().port) })";
       spawn(process.execPath, ['-e', serve, '127.0.0.1'], { stdio: ['ignore', 'inherit', 'inherit'] });
       require('node:net').createServer().listen(0, function () { console.log(this.address().port) });`,
      2,
    );
    expect(listeningPorts(child.pid ?? 0).sort()).toEqual([...numbers].sort());
    for (const pid of withDescendants([child.pid ?? 0]).reverse()) signal(pid, 'SIGKILL');
    await until('nothing to listen', () => listeningPorts(child.pid ?? 0).length === 0, patience);
  });
});

describe('a log', () => {
  async function logOf(...streams: Readable[]): Promise<{ log: Log; lines: string[] }> {
    const lines: string[] = [];
    const log = new Log((line) => lines.push(line));
    for (const stream of streams) log.follow(stream);
    await Promise.all(streams.map((stream) => once(stream, 'end')));
    return { log, lines };
  }

  test('has the last lines, oldest first, the last one also without its end', async () => {
    const { log, lines } = await logOf(Readable.from([Buffer.from('one\ntw'), Buffer.from('o\n\n  \nthree')]));
    expect(log.tail(2)).toEqual(['two', 'three']);
    expect(log.tail(100)).toEqual(['one', 'two', 'three']);
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  test('puts letters together that came in pieces', async () => {
    const bytes = Buffer.from('grün 🌊\n');
    const { log } = await logOf(Readable.from([...bytes].map((byte) => Buffer.of(byte))));
    expect(log.tail(1)).toEqual(['grün 🌊']);
  });

  test('does not mix the lines of two streams', async () => {
    const out = new Readable({ read: () => undefined });
    const err = new Readable({ read: () => undefined });
    const both = logOf(out, err);
    for (const [stream, text] of [[out, 'ser'], [err, 'warn'], [out, 'ving\n'], [err, 'ing\n']] as const) {
      stream.push(Buffer.from(text));
      await setImmediate();
    }
    out.push(null);
    err.push(null);
    expect((await both).lines).toEqual(['serving', 'warning']);
  });

  test('stays small when a program prints 100 MB in lines', async () => {
    const chunk = Buffer.from(`${'x'.repeat(99)}\n`.repeat(655));
    let left = Math.ceil(100_000_000 / chunk.length);
    const before = process.memoryUsage().rss;
    const stream = new Readable({ read() { this.push(left-- > 0 ? chunk : null); } });
    const log = new Log();
    log.follow(stream);
    await once(stream, 'end');
    expect(log.tail(100_000)).toHaveLength(400);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test('stays small when a program prints 100 MB in one line', async () => {
    const chunk = Buffer.alloc(65_536, 'y');
    let left = Math.ceil(100_000_000 / chunk.length);
    const stream = new Readable({ read() { this.push(left-- > 0 ? chunk : null); } });
    const before = process.memoryUsage().rss;
    const { log } = await logOf(stream);
    expect(log.tail(10)).toEqual([`${'y'.repeat(2_000)}…`]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test('shows a line of 2,000 characters whole', async () => {
    const { log } = await logOf(Readable.from([Buffer.from(`${'z'.repeat(2_000)}\n`)]));
    expect(log.tail(1)).toEqual(['z'.repeat(2_000)]);
  });
});

describe('to wait until something is seen', () => {
  test('gives what was seen, also when that is nothing much', async () => {
    let looks = 0;
    const seen = await until('a number', () => [undefined, false, 0][looks++] as number | undefined | false, { timeoutMs: 1_000, everyMs: 1 });
    expect([seen, looks]).toEqual([0, 3]);
    expect(await until('a text', async () => '', { timeoutMs: 1_000 })).toBe('');
  });

  test('looks once although there is no time', async () => {
    expect(await until('it', () => 'there', { timeoutMs: -1 })).toBe('there');
  });

  test('ends with a sentence that says what did not come', async () => {
    const startedAt = performance.now();
    const waiting = until('Postgres on db to accept connections', () => undefined, { timeoutMs: 50, everyMs: 1 });
    await expect(waiting).rejects.toThrow(new TimeoutError('Waited 0.05 s for Postgres on db to accept connections.'));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(49);
  });

  test('passes on what the look itself throws', async () => {
    await expect(until('it', () => Promise.reject(new Error('broken glasses')), patience)).rejects.toThrow('broken glasses');
  });

  test('ends early when it is called off', async () => {
    const patience = new AbortController();
    const waiting = until('it', () => undefined, { timeoutMs: 10_000, everyMs: 1, signal: patience.signal });
    patience.abort(new Error('called off'));
    await expect(waiting).rejects.toThrow('called off');
  });
});
