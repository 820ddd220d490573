// The reference balancer of step 4: how long it waits, and for whom. All at once, because each test takes its time.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { pause } from '../../src/runtime/until.ts';
import { ask, connect, lines, post } from './balancer/client.ts';
import { startBalancer } from './balancer/running.ts';
import { Stub } from './balancer/stub.ts';

const seconds = 1_000;
const answerAfter = (ms: number): Stub['handler'] => (_request, response) => void setTimeout(() => response.end('at last'), ms);

describe.concurrent('patience', () => {
  test('with a machine that answers after half a minute ends, in a 504', async () => {
    const apis = [await Stub.start('api-1', answerAfter(30 * seconds)), await Stub.start('api-2', answerAfter(30 * seconds))];
    const { port } = await startBalancer(apis);
    const answers = await Promise.all([ask(port), post(port)]);
    for (const { status, headers, ms } of answers) {
      expect({ status, headers }).toMatchObject({ status: 504, headers: { 'x-served-by': 'lb', 'content-type': 'application/problem+json' } });
      expect(ms).toBeGreaterThan(5 * seconds);
      expect(ms).toBeLessThan(13 * seconds);
    }
    // The GET was tried twice, the POST once.
    expect(apis.flatMap(({ methods }) => methods).sort()).toEqual(['GET', 'GET', 'POST']);
  }, 20 * seconds);

  test('is enough for an honest answer that takes a second', async () => {
    const { port } = await startBalancer([await Stub.start('api-1', answerAfter(seconds)), await Stub.start('api-2', answerAfter(seconds))]);
    for (const answer of await Promise.all([ask(port), ask(port), post(port)])) expect(answer).toMatchObject({ status: 200, body: 'at last' });
  });

  test('with a body that pauses is longer than with the first byte of an answer', async () => {
    const { port } = await startBalancer([await Stub.start('api-1', pausing), await Stub.start('api-2', pausing)]);
    expect(await ask(port)).toMatchObject({ status: 200, body: 'first, and later' });
  });

  test('with a client that pauses in the middle of a body is longer than with a machine that has it', async () => {
    const apis = [await Stub.start('api-1', whenWhole), await Stub.start('api-2', whenWhole)];
    const { port } = await startBalancer(apis);
    const phone = await connect(port);
    phone.write(lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 10', 'Connection: close') + 'first');
    const text = once(phone, 'data').then(String);
    await pause(11 * seconds);
    phone.write('later');
    expect(await text).toMatch(/^HTTP\/1\.1 200 /);
  }, 20 * seconds);

  test('with a client that sends its headers a byte at a time ends within ten seconds', async () => {
    const api = await Stub.start();
    const { port } = await startBalancer([api]);
    const socket = await connect(port);
    const startedAt = performance.now();
    const text = `GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ${'x'.repeat(100)}\r\n\r\n`;
    let sent = 0;
    const trickle = setInterval(() => socket.write(text[sent++] ?? 'x'), 0.25 * seconds);
    socket.resume();
    await once(socket, 'close');
    clearInterval(trickle);
    expect(performance.now() - startedAt).toBeLessThan(11 * seconds);
    expect(sent).toBeLessThan(text.length);
    expect(api.requests).toHaveLength(0);
  }, 20 * seconds);
});

const whenWhole: Stub['handler'] = (request, response) => void request.resume().once('end', () => response.end('all of it'));
const pausing: Stub['handler'] = (_request, response) => {
  response.write('first');
  setTimeout(() => response.end(', and later'), 1.5 * seconds);
};
