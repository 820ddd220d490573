// The reference balancer of step 4: bodies are streams, and half of one is told from a whole one.

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { until } from '../../src/runtime/until.ts';
import { ask, connect, converse, lines, post, say } from './balancer/client.ts';
import { patience, startBalancer } from './balancer/running.ts';
import { rawStub, Stub } from './balancer/stub.ts';

const megabyte = 1024 * 1024;

describe('a body', () => {
  test.each(['GET', 'DELETE', 'POST', 'PUT'])('of a %s arrives whole, with a length and in chunks', async (method) => {
    const bodies: string[] = [];
    const api = await Stub.start('api', (request, response) => {
      let body = '';
      request.on('data', (bytes: Buffer) => (body += bytes.toString()));
      request.once('end', () => {
        bodies.push(body);
        response.end('ok');
      });
    });
    const { port } = await startBalancer([api]);
    const head = [`${method} / HTTP/1.1`, 'Host: a', 'Connection: close'];
    await say(port, `${lines(...head, 'Content-Length: 5')}hello`);
    const text = await say(port, `${lines(...head, 'Transfer-Encoding: chunked')}5\r\nhello\r\n4;x=y\r\n you\r\n0\r\nX-Trailer: 1\r\n\r\n`);
    expect(bodies).toEqual(['hello', 'hello you']);
    expect(text).toMatch(/^HTTP\/1\.1 200/);
  });

  test('is asked for when there is a machine that takes it', async () => {
    const api = await Stub.start('api', (request, response) => request.resume().once('end', () => response.end('ok')));
    const { port, log } = await startBalancer([api]);
    const expecting = lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Expect: 100-continue', 'Connection: close');
    const socket = await connect(port);
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.write(expecting);
    await until('100 Continue', () => text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'), patience);
    socket.write('hello');
    await once(socket, 'end');
    expect(text).toMatch(/HTTP\/1\.1 200 OK/);
    api.ready = false;
    await until('the machine to be out', () => log().includes('out of the rotation'), patience);
    expect(await say(port, expecting)).toMatch(/^HTTP\/1\.1 503 /);
  });

  test('flows no faster than the client takes it, and ends behind when the client leaves', async () => {
    let sent = 0;
    let isClosed = false;
    const { port } = await startBalancer([await Stub.start('api', (_request, response) => {
      const more = (): void => {
        do sent += 64 * 1024; while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
      };
      response.on('drain', more).on('close', () => (isClosed = true));
      more();
    })]);
    const socket = await connect(port);
    socket.write(lines('GET / HTTP/1.1', 'Host: a'));
    await once(socket, 'readable');
    await untilSteady(() => sent);
    expect(sent).toBeLessThan(64 * megabyte);
    socket.destroy();
    await until('the end of the request behind', () => isClosed, patience);
  });

  test('flows no faster than the machine takes it, and ends behind when the client leaves', async () => {
    let upload: IncomingMessage | undefined;
    const { port } = await startBalancer([await Stub.start('api', (request) => void (upload = request.pause()))]);
    const socket = await connect(port);
    socket.write(lines('POST / HTTP/1.1', 'Host: a', `Content-Length: ${1024 * megabyte}`));
    let sent = 0;
    const more = (): void => {
      do sent += 64 * 1024; while (!socket.destroyed && socket.write(Buffer.alloc(64 * 1024)));
    };
    socket.on('drain', more);
    more();
    await untilSteady(() => sent);
    expect(upload).toBeDefined();
    expect(sent).toBeLessThan(64 * megabyte);
    socket.destroy();
    upload?.resume();
    await until('the end of the request behind', () => upload?.destroyed && !upload.complete, patience);
  });

  test('is refused early: the client gets to reading why, and can go on', async () => {
    // Answers, says that nothing more will come, and lets the rest of the body run into the void.
    const machine = await rawStub((socket, request) => {
      if (request.startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      if (request.startsWith('POST')) socket.end('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 9\r\n\r\ntoo large');
    });
    const { port } = await startBalancer([machine]);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    expect(await ask(port, '/', { agent, method: 'POST', body: 'x'.repeat(20 * megabyte) })).toMatchObject({ status: 413, body: 'too large' });
    expect(await ask(port, '/', { agent })).toMatchObject({ status: 200, body: 'ok' });
    agent.destroy();
  });

  test('of a request that is waiting for its answer: nobody works for a client who has left', async () => {
    const held: ServerResponse[] = [];
    const { port } = await startBalancer([await Stub.start('api', (_request, response) => void held.push(response))]);
    const socket = await connect(port);
    socket.write(lines('GET / HTTP/1.1', 'Host: a'));
    await until('the request to arrive', () => held.length === 1, patience);
    socket.destroy();
    await until('the end of the request behind', () => held[0]?.destroyed, patience);
  });
});

describe('half an answer', () => {
  const chunked = 'Transfer-Encoding: chunked';
  test.each([
    ['shorter than its length, and closed', 'Content-Length: 9', 'half', (socket: Socket) => void socket.end()],
    ['shorter than its length, and reset', 'Content-Length: 9', 'half', (socket: Socket) => void socket.resetAndDestroy()],
    ['in chunks, and closed', chunked, '4\r\nhalf\r\n', (socket: Socket) => void socket.end()],
    ['with a broken chunk', chunked, '4\r\nhalf\r\n', (socket: Socket) => void socket.write('no length\r\n')],
    ['until the connection ends, and reset', 'X-Length: unknown', 'half', (socket: Socket) => void socket.resetAndDestroy()],
  ])('(%s) does not look like a whole one', async (_how, head, body, breakOff) => {
    const sockets: Socket[] = [];
    const { port } = await startBalancer([await rawStub((socket) => {
      sockets.push(socket);
      socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`);
    })]);
    // HTTP/1.0 has no chunks: there, a reset is all that tells half a body from a whole one.
    const conversations = await Promise.all(['1.0', '1.1'].map((version) => converse(port, lines(`GET / HTTP/${version}`, 'Host: a'))));
    await until('half of both answers', () => conversations.every(({ text }) => text.includes('half')), patience);
    sockets.forEach(breakOff);
    for (const conversation of conversations) {
      await conversation.isClosed;
      expect(conversation.wasReset, conversation.text).toBe(true);
      expect(conversation.text).not.toMatch(/\r\n0\r\n\r\n$/);
    }
  });

  test.each(['4\r\nhalf\r\nno length\r\n', 'no length\r\n'])('that is broken in its first packet (%j) does not look like a whole one', async (body) => {
    const { port } = await startBalancer([await rawStub((socket) => void socket.write(`HTTP/1.1 200 OK\r\n${chunked}\r\n\r\n${body}`))]);
    expect(await say(port, lines('GET / HTTP/1.1', 'Host: a'))).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  test.each(['nonsense\r\n\r\n', 'HTTP/1.1 099 Odd\r\n\r\n', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`])('or one that cannot be understood (%#) is a 502', async (text) => {
    const { port } = await startBalancer([await rawStub((socket) => void socket.end(text))]);
    expect(await post(port)).toMatchObject({ status: 502, headers: { 'x-served-by': 'lb', 'content-type': 'application/problem+json' } });
    expect((await ask(port)).status).toBe(502);
  });
});

/** Waits until a number has stopped growing. */
async function untilSteady(count: () => number): Promise<void> {
  let last = -1;
  await until('the flow to stop', () => {
    const isSteady = count() > 0 && count() === last;
    last = count();
    return isSteady;
  }, { ...patience, everyMs: 300 });
}
