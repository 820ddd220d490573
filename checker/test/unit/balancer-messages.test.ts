// The reference balancer of step 4: what it changes in the head of a message, what it passes on as it came, and what it refuses.

import type { IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, lines, say } from './balancer/client.ts';
import { startBalancer } from './balancer/running.ts';
import { Stub } from './balancer/stub.ts';

/** A balancer before one machine, and the one request that this text makes arrive there. */
async function forwarded(...head: string[]): Promise<{ request: IncomingMessage; answer: string }> {
  const api = await Stub.start('api', (request, response) => {
    request.resume();
    request.once('end', () => response.end('ok'));
  });
  const { port } = await startBalancer([api]);
  const text = await say(port, lines(...head, 'Connection: close'));
  const [request] = api.requests;
  if (!request) throw new Error(`Nothing arrived, and the balancer said: ${text}`);
  return { request, answer: text };
}

async function answered(handler: Stub['handler'], ...head: string[]): Promise<string> {
  const { port } = await startBalancer([await Stub.start('api', handler)]);
  return await say(port, lines(...head, 'Host: api.test', 'Connection: close'));
}

describe('the head of a request', () => {
  test('arrives as it came: method, target, Host and every header', async () => {
    const { request } = await forwarded('PATCH /a/%20b?c=d&c=%00 HTTP/1.1', 'Host: api.test:80', 'authorization: Bearer abc', 'Idempotency-Key: 7', 'X-Twice: 1', 'X-Twice: 2', 'Cookie: a=1');
    expect(request).toMatchObject({ method: 'PATCH', url: '/a/%20b?c=d&c=%00' });
    expect(request.headers).toMatchObject({ host: 'api.test:80', authorization: 'Bearer abc', 'idempotency-key': '7', 'x-twice': '1, 2', cookie: 'a=1' });
  });

  test('says who asks, and what the client says of that is worth nothing', async () => {
    const { request } = await forwarded('GET / HTTP/1.1', 'Host: api.test', 'X-Forwarded-For: 6.6.6.6', 'x-forwarded-for: 7.7.7.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.test', 'Forwarded: for=6.6.6.6', 'X-Real-IP: 6.6.6.6', 'Via: 1.0 edge');
    expect(request.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'api.test', via: '1.0 edge, 1.1 lb' });
    expect(JSON.stringify(request.headers)).not.toMatch(/6\.6\.6\.6|7\.7\.7\.7|evil/);
  });

  test('loses what speaks of the connection alone, and what Connection names', async () => {
    const { request } = await forwarded('GET / HTTP/1.1', 'Host: api.test', 'Keep-Alive: timeout=9', 'TE: trailers', 'Proxy-Authorization: Basic abc', 'Proxy-Connection: keep-alive', 'X-Hop: 1', 'Connection: X-Hop, x-other', 'X-Other: 2', 'X-End: 3');
    expect(request.headers).toMatchObject({ 'x-end': '3' });
    expect(Object.keys(request.headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(keep-alive|te|proxy-|x-hop|x-other)/)]));
  });

  test('keeps its body together, although Connection names the length', async () => {
    const { request } = await forwarded('POST / HTTP/1.1', 'Host: api.test', 'Content-Length: 0', 'Connection: content-length, host, x-forwarded-for');
    expect(request.headers).toMatchObject({ 'content-length': '0', host: 'api.test', 'x-forwarded-for': '127.0.0.1' });
  });

  test('that wants another protocol gets an answer in this one', async () => {
    const { request, answer } = await forwarded('GET / HTTP/1.1', 'Host: api.test', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13');
    expect(request.headers).not.toHaveProperty('upgrade');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  });
});

describe('the head of an answer', () => {
  test('arrives as it came, and loses what speaks of the connection alone', async () => {
    const text = await answered((_request, response) => {
      response.writeHead(201, 'Made', { 'Set-Cookie': ['a=1', 'b=2'], Connection: 'close, X-Hop', 'X-Hop': '1', 'Retry-After': '9', 'Content-Length': '2' }).end('ok');
    }, 'GET / HTTP/1.1');
    expect(text).toMatch(/^HTTP\/1\.1 201 Made\r\n/);
    expect(text.match(/^Set-Cookie: .*$/gm)).toHaveLength(2);
    expect(text).toMatch(/^Retry-After: 9\r$/m);
    expect(text).not.toMatch(/x-hop/i);
  });

  test('names the machine that answered, and not the balancer', async () => {
    const { port } = await startBalancer([await Stub.start('api-7')]);
    expect((await ask(port)).headers).toMatchObject({ 'x-served-by': 'api-7' });
  });

  test('leaves the connection to the client open, although the machine closes its own', async () => {
    const { port } = await startBalancer([await Stub.start('api', (_request, response) => response.writeHead(200, { Connection: 'close', 'Content-Length': 2 }).end('ok'))]);
    const text = await say(port, lines('GET / HTTP/1.1', 'Host: a') + lines('GET / HTTP/1.1', 'Host: a', 'Connection: close'));
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  test.each([
    ['HEAD', 200, { 'Content-Length': '12' }],
    ['GET', 204, {}],
    ['GET', 304, { ETag: '"1"' }],
  ])('to %s with %i has no body', async (method, status, headers: Record<string, string>) => {
    const text = await answered((_request, response) => response.writeHead(status, headers).end(), `${method} / HTTP/1.1`);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    for (const [name, value] of Object.entries(headers)) expect(text).toContain(`${name}: ${value}\r\n`);
    expect(text.slice(text.indexOf('\r\n\r\n'))).toBe('\r\n\r\n');
  });

  test('may be announced by others, which stay here', async () => {
    const text = await answered((_request, response) => {
      response.writeEarlyHints({ link: '</app.css>; rel=preload' });
      response.end('ok');
    }, 'GET / HTTP/1.1');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nok$/);
  });
});

describe('a request that can be understood in two ways', () => {
  const length = 'Content-Length: 5';
  let api: Stub;
  let port: number;
  beforeAll(async () => {
    api = await Stub.start();
    ({ port } = await startBalancer([api]));
  });

  test.each([
    ['two lengths', [length, 'Content-Length: 6'], 400],
    ['the same length twice', [length, length], 400],
    ['a list of lengths', ['Content-Length: 5, 5'], 400],
    ['a length with a sign', ['Content-Length: +5'], 400],
    ['both a length and chunks', [length, 'Transfer-Encoding: chunked'], 400],
    ['chunks and a length', ['Transfer-Encoding: chunked', length], 400],
    ['chunks that are not the last coding', ['Transfer-Encoding: chunked, identity'], 400],
    ['a space before the colon', ['Transfer-Encoding : chunked', length], 400],
    ['a folded header', ['X-Folded: a', ' Transfer-Encoding: chunked', length], 400],
    ['a bare line feed', [`X-A: b\nTransfer-Encoding: chunked`, length], 400],
  ])('(%s) is refused and goes nowhere', async (_what, headers, status) => {
    const text = await say(port, `${lines('POST / HTTP/1.1', 'Host: a', ...headers)}0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text.match(/HTTP\//g)).toHaveLength(1);
    expect(api.requests).toHaveLength(0);
  });

  test.each(['xchunked', 'gzip, chunked'])('because its coding is %s is refused and goes nowhere', async (coding) => {
    const text = await say(port, `${lines('POST / HTTP/1.1', 'Host: a', 'Connection: close', `Transfer-Encoding: ${coding}`)}0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 501 /);
    expect(text.match(/HTTP\//g)).toHaveLength(1);
    expect(api.requests).toHaveLength(0);
  });

  test('because it does not say which host is meant is refused', async () => {
    expect(await say(port, lines('GET / HTTP/1.1'))).toMatch(/^HTTP\/1\.1 400 /);
  });
});

test('64 KB of headers are refused', async () => {
  const api = await Stub.start();
  const { port } = await startBalancer([api]);
  expect(await say(port, lines('GET / HTTP/1.1', 'Host: a', `X-Long: ${'x'.repeat(65_536)}`))).toMatch(/^HTTP\/1\.1 431 /);
  expect(api.requests).toHaveLength(0);
});
