// Wires over real TCP on the loopback address: what goes in comes out, and what a network does to an app happens here.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dialLoopback, ListeningEnd } from '../../src/runtime/near-end.ts';
import { Ports } from '../../src/runtime/ports.ts';
import { pause, until } from '../../src/runtime/until.ts';
import { Wire } from '../../src/runtime/wire.ts';

const megabyte = 1024 * 1024;
const patience = { timeoutMs: 5_000 };

let ports: Ports;
const closers: (() => void)[] = [];

beforeAll(async () => {
  ports = await Ports.claim();
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(() => ports.release());

/** A service, and a wire to it that is open. */
async function wireTo(serve: (socket: net.Socket) => void, distanceMs = 0): Promise<Wire> {
  const port = await ports.take();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    closers.push(() => socket.destroy());
    serve(socket);
  });
  server.listen({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  closers.push(() => server.close());
  const wire = new Wire({ name: 'api → db', near: new ListeningEnd(await ports.take()), far: (from) => dialLoopback(port, from), distanceMs });
  closers.push(() => wire.close());
  await wire.open();
  return wire;
}

async function connect(wire: Wire, localAddress?: string): Promise<net.Socket> {
  const socket = net.connect({ port: wire.port, host: '127.0.0.1', localAddress, allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined);
  closers.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const echo = (socket: net.Socket): void => void socket.pipe(socket);

/** Everything until the other side ends. */
async function readAll(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

/** The text that has come so far. */
function listen(socket: net.Socket): () => string {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return () => text;
}

/** Sends bytes in pieces of random sizes, as fast as the other side takes them. */
async function sendInPieces(socket: net.Socket, bytes: Buffer): Promise<void> {
  for (let sent = 0; sent < bytes.length; ) {
    const piece = bytes.subarray(sent, sent + 1 + Math.floor(Math.random() * 100_000));
    sent += piece.length;
    if (!socket.write(piece)) await once(socket, 'drain');
  }
  socket.end();
}

const hash = (bytes: Buffer): string => `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`;

/** What a client's connection ended with: `closed`, or the code of its error. */
function endOf(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('closed'));
  });
}

function attempt(port: number): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  closers.push(() => socket.destroy());
  return Promise.race([once(socket, 'connect').then(() => 'connected'), endOf(socket)]);
}

describe('a wire carries', () => {
  test.each([
    ['at once', 0],
    ['over a distance', 3],
  ])('every byte in order, both ways at the same time, %s', async (_how, distanceMs) => {
    const [question, answer] = [randomBytes(6 * megabyte), randomBytes(5 * megabyte)];
    let heard: Promise<Buffer> | undefined;
    const wire = await wireTo((socket) => {
      heard = readAll(socket);
      void sendInPieces(socket, answer);
    }, distanceMs);
    const client = await connect(wire);
    const [back] = await Promise.all([readAll(client), sendInPieces(client, question)]);
    expect(hash(back)).toBe(hash(answer));
    expect(hash((await heard) ?? Buffer.of())).toBe(hash(question));
  });

  test('every byte in order while it is cut, slowed and healed all the time', async () => {
    const bytes = randomBytes(3 * megabyte);
    const wire = await wireTo(echo);
    const client = await connect(wire);
    let done = false;
    const accidents = (async () => {
      while (!done) {
        const dice = Math.random();
        if (dice < 0.3) wire.cut(dice < 0.15 ? 'both' : 'answers');
        else if (dice < 0.5) wire.delay(Math.floor(Math.random() * 4));
        else wire.heal();
        await pause(1);
      }
      wire.heal();
    })();
    const [back] = await Promise.all([readAll(client), sendInPieces(client, bytes)]);
    done = true;
    await accidents;
    expect(hash(back)).toBe(hash(bytes));
  });

  test('no more than a little beyond what the service takes, so that a slow reader slows the writer down', async () => {
    const bytes = randomBytes(40 * megabyte);
    let service: net.Socket | undefined;
    const wire = await wireTo((socket) => (service = socket.pause()));
    const client = await connect(wire);
    void sendInPieces(client, bytes);
    let before = -1;
    const stuck = await until(
      'the writer to get stuck',
      async () => {
        before = wire.seen().sentBytes;
        await pause(100);
        return before > 0 && wire.seen().sentBytes === before && before;
      },
      patience,
    );
    expect(stuck).toBeLessThan(25 * megabyte);
    const heard = service && readAll(service);
    service?.resume();
    expect(hash((await heard) ?? Buffer.of())).toBe(hash(bytes));
  });

  test('the end of one direction while the other goes on', async () => {
    const wire = await wireTo((socket) => {
      void readAll(socket).then((question) => socket.end(`you said ${question.toString()}`));
    });
    const client = await connect(wire);
    client.end('hello');
    expect((await readAll(client)).toString()).toBe('you said hello');
  });

  test.each([0, 30])('what is said last although the other side has ended already, over a distance of %i ms', async (distanceMs) => {
    let heard: Promise<Buffer> | undefined;
    const wire = await wireTo((socket) => {
      heard = readAll(socket);
      socket.end('no more questions');
    }, distanceMs);
    const client = await connect(wire);
    expect((await readAll(client)).toString()).toBe('no more questions');
    client.end('a last word');
    await until('the end to arrive', () => heard !== undefined, patience);
    expect((await heard)?.toString()).toBe('a last word');
  });
});

describe('a wire over a distance', () => {
  test('takes it once for each direction', async () => {
    const wire = await wireTo(echo, 25);
    const client = await connect(wire);
    const heard = listen(client);
    client.write('1');
    await until('the first answer', () => heard() === '1', patience);
    const startedAt = performance.now();
    client.write('2');
    await until('the second answer', () => heard() === '12', { ...patience, everyMs: 1 });
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(49);
    expect(tookMs).toBeLessThan(1_500);
  });

  test('costs a new connection a round trip more', async () => {
    const wire = await wireTo(echo, 25);
    const startedAt = performance.now();
    const client = await connect(wire);
    const heard = listen(client);
    client.write('1');
    await until('the answer', () => heard() === '1', { ...patience, everyMs: 1 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99);
  });

  test('grows by a delay and shrinks when it is healed', async () => {
    const wire = await wireTo(echo);
    const client = await connect(wire);
    const heard = listen(client);
    const roundTrip = async (letter: string): Promise<number> => {
      const startedAt = performance.now();
      client.write(letter);
      await until(letter, () => heard().endsWith(letter), { ...patience, everyMs: 1 });
      return performance.now() - startedAt;
    };
    await roundTrip('a');
    wire.delay(40);
    expect(await roundTrip('b')).toBeGreaterThanOrEqual(79);
    wire.heal();
    expect(await roundTrip('c')).toBeLessThan(79);
    expect(heard()).toBe('abc');
  });

  test('lets several answers be on their way at once', async () => {
    const wire = await wireTo(echo, 40);
    const client = await connect(wire);
    const heard = listen(client);
    const startedAt = performance.now();
    for (const letter of 'abcdefghij') {
      client.write(letter);
      await pause(2);
    }
    await until('all answers', () => heard() === 'abcdefghij', { ...patience, everyMs: 1 });
    // One after the other they would take 800 ms.
    expect(performance.now() - startedAt).toBeLessThan(700);
  });
});

describe('a wire that is cut', () => {
  test('carries nothing, keeps its connections, and delivers when it is healed', async () => {
    const heardByService: (() => string)[] = [];
    const wire = await wireTo((socket) => {
      heardByService.push(listen(socket));
      echo(socket);
    });
    const client = await connect(wire);
    const heard = listen(client);
    client.write('before ');
    await until('the echo', () => heard() === 'before ', patience);
    wire.cut();
    let ended = false;
    void endOf(client).then(() => (ended = true));
    client.write('during ');
    await pause(60);
    expect([heardByService[0]?.(), heard(), ended]).toEqual(['before ', 'before ', false]);
    wire.heal();
    client.write('after');
    await until('the rest', () => heard() === 'before during after', patience);
  });

  test('for answers lets requests through', async () => {
    let heardByService = (): string => '';
    const wire = await wireTo((socket) => {
      heardByService = listen(socket);
      echo(socket);
    });
    const client = await connect(wire);
    const heard = listen(client);
    wire.cut('answers');
    client.write('request');
    await until('the request to arrive', () => heardByService() === 'request', patience);
    await pause(40);
    expect(heard()).toBe('');
    wire.heal();
    await until('the answer', () => heard() === 'request', patience);
  });

  test('hides that the service reset the connection until it is healed', async () => {
    let service: net.Socket | undefined;
    const wire = await wireTo((socket) => (service = socket.resume()));
    const client = await connect(wire);
    const end = endOf(client);
    await until('the connection', () => service, patience);
    wire.cut();
    service?.resetAndDestroy();
    expect(await Promise.race([end, pause(60).then(() => 'still open')])).toBe('still open');
    wire.heal();
    expect(await end).toBe('ECONNRESET');
  });

  test('hides that the client left until it is healed', async () => {
    let service: net.Socket | undefined;
    const wire = await wireTo((socket) => (service = socket.resume()));
    const client = await connect(wire);
    await until('the connection', () => service, patience);
    const left = service && Promise.race([once(service, 'end'), once(service, 'close')]).then(() => 'left');
    wire.cut();
    client.destroy();
    expect(await Promise.race([left, pause(60).then(() => 'still there')])).toBe('still there');
    wire.heal();
    expect(await left).toBe('left');
  });

  test('lets a new connection reach the service only when it is healed', async () => {
    let reached = 0;
    const wire = await wireTo((socket) => {
      reached += 1;
      echo(socket);
    });
    wire.cut();
    const client = await connect(wire);
    const heard = listen(client);
    client.write('hello');
    await pause(50);
    expect([reached, heard()]).toEqual([0, '']);
    wire.heal();
    await until('the echo', () => heard() === 'hello', patience);
    expect(reached).toBe(1);
  });

  test('does not gather without limit what it cannot deliver', async () => {
    const wire = await wireTo(echo);
    const client = await connect(wire);
    wire.cut();
    const bytes = randomBytes(30 * megabyte);
    void sendInPieces(client, bytes);
    await until('what is kept', () => wire.seen().sentBytes > 4 * megabyte, patience);
    await pause(150);
    expect(wire.seen().sentBytes).toBeLessThan(8 * megabyte);
    wire.heal();
    expect(hash(await readAll(client))).toBe(hash(bytes));
  });
});

describe('a wire that is closed', () => {
  test('refuses connections, as a dead machine does', async () => {
    const wire = await wireTo(echo);
    expect(await attempt(wire.port)).toBe('connected');
    wire.close();
    expect(await attempt(wire.port)).toBe('ECONNREFUSED');
  });

  test('resets the connections that exist, for client and service', async () => {
    let service: net.Socket | undefined;
    const wire = await wireTo((socket) => (service = socket.resume()));
    const client = await connect(wire);
    await until('the connection', () => service, patience);
    const left = service && once(service, 'end');
    const end = endOf(client);
    wire.close();
    expect(await end).toBe('ECONNRESET');
    await left;
  });

  test('ends a connection whose own end was about to be sent', async () => {
    let service: net.Socket | undefined;
    const wire = await wireTo((socket) => (service = socket.resume()));
    const client = await connect(wire);
    const end = Promise.race([endOf(client), once(client, 'end').then(() => 'ended')]);
    client.resume();
    await until('the connection', () => service, patience);
    wire.cut();
    service?.end();
    await pause(20);
    wire.heal();
    // By then the end is handed to the system, and not yet sent.
    await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)));
    wire.close();
    expect(await Promise.race([end, pause(2_000).then(() => 'still open')])).not.toBe('still open');
    client.destroy();
    await until('it to be over', () => wire.seen().connections[0]?.closedAt, patience);
  });

  test('opens again on the same port', async () => {
    const wire = await wireTo(echo);
    for (let round = 0; round < 5; round += 1) {
      wire.close();
      await wire.open();
      const client = await connect(wire);
      const heard = listen(client);
      client.write('again');
      await until('the echo', () => heard() === 'again', patience);
    }
  });

  test('says each time that its port is taken', async () => {
    const wire = await wireTo(echo);
    const other = new Wire({ name: 'other', near: new ListeningEnd(wire.port), far: () => dialLoopback(1) });
    await expect(other.open()).rejects.toThrow('EADDRINUSE');
    await expect(other.open()).rejects.toThrow('EADDRINUSE');
    wire.close();
    await other.open();
    other.close();
  });

  test('leaves no socket, server or timer behind, whatever state it was in', async () => {
    const handles = (): string => process.getActiveResourcesInfo().filter((name) => /^(TCP|Timeout)/.test(name)).join(' ');
    await until('what earlier tests left to be gone', () => handles() === '', patience);
    for (const happen of [
      (): void => undefined,
      (wire: Wire) => wire.cut(),
      (wire: Wire) => wire.cut('answers'),
      (wire: Wire) => wire.delay(10_000),
    ]) {
      const wire = await wireTo(echo);
      const first = await connect(wire);
      first.write('hello');
      await once(first, 'data');
      happen(wire);
      first.write('are you there');
      const second = await connect(wire);
      second.write('hello');
      const ends = [endOf(first), endOf(second)];
      await pause(20);
      wire.close();
      expect(await Promise.all(ends)).toEqual(['ECONNRESET', 'ECONNRESET']);
      for (const close of closers.splice(0)) close();
    }
    await until('all handles to be gone', () => handles() === '', { timeoutMs: 2_000 }).catch(() => undefined);
    expect(handles()).toBe('');
  });
});

describe('what a wire has seen', () => {
  test('are its connections and their bytes, each way', async () => {
    const wire = await wireTo((socket) => {
      socket.once('data', () => socket.end('12345'));
    });
    for (const question of ['a', 'bcd']) {
      const client = await connect(wire);
      client.end(question);
      await readAll(client);
    }
    const { connections, sentBytes, answeredBytes } = await until(
      'both to be closed',
      () => {
        const seen = wire.seen();
        return seen.connections.every(({ closedAt }) => closedAt !== undefined) && seen;
      },
      patience,
    );
    expect([sentBytes, answeredBytes]).toEqual([4, 10]);
    expect(connections).toMatchObject([
      { from: '127.0.0.1', sentBytes: 1, answeredBytes: 5 },
      { from: '127.0.0.1', sentBytes: 3, answeredBytes: 5 },
    ]);
    expect(connections[0]?.closedAt).toBeGreaterThan(connections[0]?.openedAt ?? Infinity);
  });

  test('is forgotten on demand, but for connections that are open', async () => {
    const wire = await wireTo(echo);
    const [gone, open] = [await connect(wire), await connect(wire)];
    gone.end();
    await readAll(gone);
    await until('the record of it', () => wire.seen().connections[0]?.closedAt, patience);
    wire.forget();
    const { connections } = wire.seen();
    expect(connections).toHaveLength(1);
    expect(connections[0]?.closedAt).toBeUndefined();
    open.destroy();
  });

  test('does not change afterwards', async () => {
    const wire = await wireTo(echo);
    const client = await connect(wire);
    const before = wire.seen();
    const heard = listen(client);
    client.write('hello');
    await until('the echo', () => heard() === 'hello', patience);
    expect(before.connections[0]?.sentBytes).toBe(0);
    expect(wire.seen().connections[0]?.sentBytes).toBe(5);
  });
});

test.runIf(process.platform === 'linux')('people keep the address that they come from', async () => {
  const seenByService: (string | undefined)[] = [];
  const wire = await wireTo((socket) => {
    seenByService.push(socket.remoteAddress);
    echo(socket);
  });
  for (const address of ['127.0.0.1', '127.0.0.9', '127.3.2.1']) {
    const client = await connect(wire, address);
    client.end('x');
    await readAll(client);
  }
  expect(seenByService).toEqual(['127.0.0.1', '127.0.0.9', '127.3.2.1']);
  expect(wire.seen().connections.map(({ from }) => from)).toEqual(seenByService);
});

test('a service that refuses resets whoever asked', async () => {
  const nobody = await ports.take();
  const wire = new Wire({ name: 'api → db', near: new ListeningEnd(await ports.take()), far: () => dialLoopback(nobody) });
  closers.push(() => wire.close());
  await wire.open();
  expect(await endOf(await connect(wire))).toBe('ECONNRESET');
});
