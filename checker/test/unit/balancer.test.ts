// The reference balancer of step 4: which machine gets a request, when another one gets it, and how the balancer leaves.

import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { pause, until } from '../../src/runtime/until.ts';
import { ask, connect, post, say } from './balancer/client.ts';
import { exitOf, freePort, patience, startBalancer } from './balancer/running.ts';
import { rawStub, Stub } from './balancer/stub.ts';

const three = (): Promise<Stub[]> => Promise.all(['api-1', 'api-2', 'api-3'].map((name) => Stub.start(name)));
const never = (): void => undefined;
const reset: Stub['handler'] = (request) => void request.socket.resetAndDestroy();
/** Waits until requests come to all of these and to no other. */
async function untilServing(port: number, ...names: string[]): Promise<void> {
  await until(`answers from ${names.join(', ')} alone`, async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(port)));
    return new Set(answers.map(({ body }) => body)).size === names.length && answers.every(({ body }) => names.includes(body));
  }, patience);
}

/** Waits until nobody new is accepted. */
async function untilDeaf(port: number): Promise<void> {
  await until('connections to be refused', () => connect(port).then((socket) => void socket.destroy(), () => true), patience);
}

describe('the choice', () => {
  test('goes round, request by request, also on one connection', async () => {
    const apis = await three();
    const { port } = await startBalancer(apis);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 0; count < 30; count += 1) await ask(port, '/', { agent });
    agent.destroy();
    expect(apis.map(({ requests }) => requests.length)).toEqual([10, 10, 10]);
  });

  test('falls on the machine with the fewest requests', async () => {
    const apis = await three();
    const held: ServerResponse[] = [];
    for (const api of apis) api.handler = (_request, response) => void held.push(response);
    const { port } = await startBalancer(apis);
    let answered = 0;
    const send = (): Promise<unknown> => post(port).then(() => (answered += 1));
    const waiting = Array.from({ length: 6 }, send);
    await until('six requests', () => held.length === 6, patience);
    expect(apis.map(({ requests }) => requests.length)).toEqual([2, 2, 2]);
    held.filter((response) => response.getHeader('X-Served-By') === 'api-1').forEach((response) => response.end());
    await until('the answers of api-1', () => answered === 2, patience);
    waiting.push(send(), send());
    await until('two more requests', () => held.length === 8, patience);
    expect(apis.map(({ requests }) => requests.length)).toEqual([4, 2, 2]);
    held.forEach((response) => response.end());
    await Promise.all(waiting);
  });
});

describe('a machine that is not well', () => {
  test('and refuses connections costs nobody anything, whatever the method, and is back after its return', async () => {
    const apis = await three();
    const { port } = await startBalancer(apis);
    apis[1]!.stop();
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? ask(port) : post(port))));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(['200 api-1', '200 api-3']));
    await apis[1]!.listen();
    await untilServing(port, 'api-1', 'api-2', 'api-3');
  });

  test('and says 503 at /readyz gets no requests until it says 200', async () => {
    const apis = await three();
    const { port } = await startBalancer(apis);
    apis[2]!.ready = false;
    await untilServing(port, 'api-1', 'api-2');
    apis[2]!.ready = true;
    await untilServing(port, 'api-1', 'api-2', 'api-3');
  });

  test('and accepts connections in silence leaves the rotation, and meanwhile costs a GET half a second', async () => {
    const apis = [await Stub.start('api-1'), await Stub.start('api-2')];
    const { port, log } = await startBalancer(apis);
    // A stopped process: the kernel takes whatever comes for it.
    const silent = apis[1]!;
    silent.handler = never;
    silent.isSilent = true;
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(port)));
    expect(answers.map(({ body }) => body)).toEqual(Array<string>(4).fill('api-1'));
    expect(silent.requests.length).toBeGreaterThan(0);
    await until('the silent machine to be out', () => log().includes(`:${silent.port} is out of the rotation`), patience);
    silent.requests.length = 0;
    for (let count = 0; count < 5; count += 1) expect(await post(port)).toMatchObject({ status: 200, body: 'api-1' });
    expect(silent.requests).toHaveLength(0);
    silent.isSilent = false;
    silent.handler = (_request, response) => response.end('api-2');
    await untilServing(port, 'api-1', 'api-2');
  });

  test('leaves nobody in doubt when there is no other: 503 at once, with Retry-After', async () => {
    const api = await Stub.start();
    api.ready = false;
    const { port } = await startBalancer([api, await freePort()]);
    const answer = await post(port);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1', 'x-served-by': 'lb', 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.body)).toMatchObject({ status: 503, title: expect.stringMatching(/machine/) as string });
    api.ready = true;
    await untilServing(port, 'api');
  });

  test('and turns out to be the balancer itself: nothing goes round for ever', async () => {
    const own = await freePort();
    const { port } = await startBalancer([own], own);
    expect((await ask(port)).status).toBe(503);
    expect((await ask(port, '/', { headers: { via: '1.1 edge, 1.1 lb' } })).status).toBe(508);
  });
});

describe('a request whose connection breaks before the answer', () => {
  test('is sent again if twice does what once does, and a POST is not', async () => {
    const [good, bad] = [await Stub.start('good'), await Stub.start('bad', reset)];
    const { port } = await startBalancer([bad, good]);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      expect(await ask(port, '/', { method }), method).toMatchObject({ status: 200, headers: { 'x-served-by': 'good' } });
    }
    expect(new Set(bad.methods).size).toBeGreaterThan(1);
    bad.requests.length = good.requests.length = 0;
    const answers = [];
    for (let count = 0; count < 6; count += 1) answers.push(await post(port));
    expect(answers.filter(({ status, headers }) => status === 502 && headers['x-served-by'] === 'lb')).toHaveLength(bad.requests.length);
    expect(bad.requests.length).toBeGreaterThan(0);
    expect(bad.requests.length + good.requests.length).toBe(6);
  });

  test('goes to another machine, although the one that failed is the least busy', async () => {
    const held: ServerResponse[] = [];
    const good = await Stub.start('good', (request, response) => void (request.url === '/held' ? held.push(response) : response.end('good')));
    const { port } = await startBalancer([await Stub.start('bad', reset), good]);
    const waiting = [ask(port, '/held'), ask(port, '/held')];
    await until('two requests to be held', () => held.length === 2, patience);
    expect((await ask(port)).body).toBe('good');
    held.forEach((response) => response.end());
    await Promise.all(waiting);
  });

  test('is not sent again with a body that is used up', async () => {
    const apis = [await Stub.start('api-1', reset), await Stub.start('api-2', reset)];
    const { port } = await startBalancer(apis);
    expect((await ask(port, '/', { method: 'PUT', body: 'a photo' })).status).toBe(502);
    expect(apis.flatMap(({ requests }) => requests)).toHaveLength(1);
  });

  test('is not sent for ever', async () => {
    const apis = await three();
    for (const api of apis) api.handler = reset;
    const { port } = await startBalancer(apis);
    expect((await ask(port)).status).toBe(502);
    expect(apis.flatMap(({ requests }) => requests)).toHaveLength(3);
  });

  test('because the machine closed an unused connection: a GET goes again, and a POST never went there', async () => {
    // Keeps a connection, and closes it just as the next request arrives on it.
    const seen: string[] = [];
    const used = new WeakSet();
    const port = await rawStub((socket, request) => {
      seen.push(request.slice(0, request.indexOf(' ')));
      if (used.has(socket)) return void socket.resetAndDestroy();
      used.add(socket);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const balancer = await startBalancer([port]);
    for (const method of ['GET', 'GET', 'POST', 'GET', 'POST', 'POST', 'GET']) {
      expect(await ask(balancer.port, '/', { method }), method).toMatchObject({ status: 200, body: 'ok' });
    }
    expect(seen.filter((method) => method === 'POST')).toHaveLength(3);
    expect(seen.filter((method) => method === 'GET').length).toBeGreaterThan(4);
  });
});

test('a deploy of every machine under load fails nobody', async () => {
  const apis = await three();
  for (const api of apis) {
    api.handler = (request, response) => {
      request.resume();
      if (!api.ready) response.setHeader('Connection', 'close');
      setTimeout(() => response.end(api.name), 20);
    };
  }
  const { port } = await startBalancer(apis);
  const agent = new http.Agent({ keepAlive: true });
  const outcomes: Promise<string>[] = [];
  // Arrivals do not wait for answers.
  const crowd = setInterval(() => {
    for (const send of [ask, post]) outcomes.push(send(port, '/', { agent }).then(({ status }) => `${status}`, (error: unknown) => String(error)));
  }, 5);
  for (const api of apis) {
    api.ready = false;
    await pause(1_000);
    await api.leave();
    await pause(100);
    api.ready = true;
    await api.listen();
    await until(`${api.name} to get requests again`, () => api.requests.length > 0, patience);
    api.requests.length = 0;
    await until(`${api.name} to get requests again`, () => api.requests.length > 0, patience);
  }
  clearInterval(crowd);
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['200']));
  expect(outcomes.length).toBeGreaterThan(200);
  agent.destroy();
});

describe('a balancer that is told to stop', () => {
  test('finishes what is under way, takes nobody new, closes what is unused, and ends with 0', async () => {
    let finish: (() => void) | undefined;
    const api = await Stub.start('api', (_request, response) => {
      response.write('the first half, ');
      finish = () => response.end('the second half');
    });
    const balancer = await startBalancer([api]);
    const unused = await connect(balancer.port);
    const agent = new http.Agent({ keepAlive: true });
    const answer = ask(balancer.port, '/', { agent });
    await until('the request to arrive', () => finish !== undefined, patience);
    balancer.child.kill('SIGTERM');
    await once(unused, 'close');
    await expect(ask(balancer.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    finish?.();
    expect((await answer).body).toBe('the first half, the second half');
    expect(await exitOf(balancer)).toBe(0);
    agent.destroy();
  });

  test('says on each further answer that it is the last on its connection', async () => {
    const held: ServerResponse[] = [];
    const api = await Stub.start('api', (_request, response) => void held.push(response));
    const balancer = await startBalancer([api]);
    const conversation = say(balancer.port, 'GET / HTTP/1.1\r\nHost: api.test\r\n\r\n');
    await until('the request to arrive', () => held.length === 1, patience);
    balancer.child.kill('SIGTERM');
    await untilDeaf(balancer.port);
    held.forEach((response) => response.end('done'));
    expect(await conversation).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close[\s\S]*done/);
    expect(await exitOf(balancer)).toBe(0);
  });

  test('lets a slow client have its answer whole', async () => {
    const size = 20_000_000;
    const api = await Stub.start('api', (_request, response) => response.end(Buffer.alloc(size, 'x')));
    const balancer = await startBalancer([api]);
    const socket = await connect(balancer.port);
    socket.write('GET / HTTP/1.1\r\nHost: api.test\r\n\r\n');
    await once(socket, 'readable');
    balancer.child.kill('SIGTERM');
    await untilDeaf(balancer.port);
    let received = 0;
    socket.on('data', (bytes) => (received += bytes.length));
    await once(socket, 'close');
    expect(received).toBeGreaterThan(size);
    expect(await exitOf(balancer)).toBe(0);
  });
});

test('a balancer without upstreams says which variable is missing', async () => {
  await expect(startBalancer([])).rejects.toThrow('UPSTREAMS is not set: give it to this service in stack.ts.');
});
