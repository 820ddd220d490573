// The way of a browser to a stack: nothing that comes through it may break it, or keep it from closing.

import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BrowserProxy } from '../../src/runtime/browser-proxy.ts';
import { Ports } from '../../src/runtime/ports.ts';

let ports: Ports;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  ports = await Ports.claim();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => ports.release());

/** It leads to these, each by its own address unless another way is told. */
async function proxyTo(origins: readonly string[] = [], ways = new Map(origins.map((origin) => [origin, origin]))): Promise<BrowserProxy> {
  const proxy = await BrowserProxy.open({ port: await ports.take(), ways });
  closers.push(() => proxy.close());
  return proxy;
}

async function connection(proxy: BrowserProxy): Promise<net.Socket> {
  const socket = net.connect({ port: proxy.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  closers.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** The status of what is asked through the proxy; undefined when the connection broke. */
function ask(proxy: BrowserProxy, url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get({ port: proxy.port, host: '127.0.0.1', path: url, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', () => resolve(undefined));
  });
}

test('it leads where there is a way and nowhere else, and records both', async () => {
  const server = http.createServer((_request, response) => void response.writeHead(204).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = await proxyTo([origin]);
  expect(await ask(proxy, `${origin}/page`)).toBe(204);
  expect(await ask(proxy, 'http://elsewhere.example/')).toBe(403);
  expect(proxy.requests.map(({ url, status }) => [url, status])).toEqual([[`${origin}/page`, 204], ['http://elsewhere.example/', 403]]);
});

test('it dials the way to an address, and asks for the address', async () => {
  const hosts: (string | undefined)[] = [];
  const server = http.createServer(({ headers, url }, response) => {
    hosts.push(`${headers.host}${url}`);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const origin = `http://127.0.0.1:${await ports.take()}`;
  const proxy = await proxyTo([], new Map([[origin, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]]));
  expect(await ask(proxy, `${origin}/page?of=1`)).toBe(200);
  expect(hosts).toEqual([`${new URL(origin).host}/page?of=1`]);
  expect(proxy.requests).toMatchObject([{ url: `${origin}/page?of=1`, status: 200 }]);
});

test('where nobody listens, a connection breaks as it would without it', async () => {
  const origin = `http://127.0.0.1:${await ports.take()}`;
  const proxy = await proxyTo([origin]);
  expect(await ask(proxy, `${origin}/page`)).toBeUndefined();
  expect(proxy.requests).toMatchObject([{ url: `${origin}/page`, status: undefined }]);
});

test('a tunnel is refused, and is not taken for something that the page asked', async () => {
  const proxy = await proxyTo();
  const socket = await connection(proxy);
  socket.write('CONNECT update.example:443 HTTP/1.1\r\nHost: update.example:443\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /);
  expect(proxy.requests).toEqual([]);
});

test.each([
  ['is reset', (socket: net.Socket) => void socket.resetAndDestroy()],
  ['goes on talking', (socket: net.Socket) => void socket.write(Buffer.alloc(200_000))],
])('a tunnel that was refused and %s neither breaks it nor keeps it open', async (_how, then) => {
  const proxy = await BrowserProxy.open({ port: await ports.take(), ways: new Map() });
  for (let time = 0; time < 20; time += 1) {
    const socket = await connection(proxy);
    socket.write('CONNECT update.example:443 HTTP/1.1\r\nHost: update.example:443\r\n\r\n');
    then(socket);
  }
  expect(await ask(proxy, 'http://elsewhere.example/')).toBe(403);
  await proxy.close();
  expect(await ask(proxy, 'http://elsewhere.example/')).toBeUndefined();
});
