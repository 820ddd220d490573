// What people's requests do, seen by a server in this process.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { pictures } from '../../src/check/picture.ts';
import { User } from '../../src/check/user.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: http.RequestListener): Promise<{ server: http.Server; base: string }> {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function person(options: ConstructorParameters<typeof User>[1]): User {
  const user = new User('ada', options);
  closers.push(() => user.client.close());
  return user;
}

test('an answer may take longer than a connection is kept that nobody uses', async () => {
  const { base } = await serve((_request, response) => {
    setTimeout(() => response.writeHead(200).write('{'), 1_300);
    setTimeout(() => response.end('}'), 2_600);
  });
  const answer = await person({ base }).feed();
  expect(answer).toMatchObject({ status: 200, silence: undefined, json: {} });
  expect(answer.firstByteAt! - answer.sentAt).toBeGreaterThan(1_200);
  expect(answer.endedAt - answer.firstByteAt!).toBeGreaterThan(1_200);
});

test('a connection is used again, and let go of before a server would close it', async () => {
  const { server, base } = await serve((_request, response) => void response.end());
  let connections = 0;
  const closed = new Promise((resolve) => server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', resolve);
  }));
  const ada = person({ base });
  await ada.feed();
  await ada.feed();
  expect(connections).toBe(1);
  const idleSince = performance.now();
  await closed;
  expect(performance.now() - idleSince).toBeLessThan(4_000);
  expect(await ada.feed()).toMatchObject({ status: 200 });
  expect(connections).toBe(2);
});

test('an image is looked for from the page, and everything else from the API', async () => {
  const asked: string[] = [];
  const [page, api] = await Promise.all(['page', 'api'].map((name) => serve((request, response) => {
    asked.push(`${name} ${request.url}`);
    response.end();
  })));
  const ada = person({ base: api!.base, page: page!.base });
  for (const imageUrl of ['/images/1', 'images/2', `${api!.base}/images/3`]) await ada.image(imageUrl);
  await ada.feed();
  expect(asked).toEqual(['page /images/1', 'page /images/2', 'api /images/3', 'api /api/photos']);
  const grace = person({ base: api!.base });
  await grace.image('/images/4');
  expect(asked.at(-1)).toBe('api /images/4');
  expect((await ada.image('http://[')).silence).toBe('unusable');
  expect((await ada.image('https://example.org/1')).silence).toBe('unusable');
});

test('a person of another region dials a way of their own, and asks for the address that was meant', async () => {
  const asked: string[] = [];
  const { base: way } = await serve(({ headers, url }, response) => {
    asked.push(`${headers.host} ${url}`);
    response.end();
  });
  const [page, api] = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
  const ada = person({ base: api, page, ways: new Map([page, api].map((address) => [address, way])) });
  expect(await ada.feed({ limit: 3 })).toMatchObject({ status: 200 });
  expect(await ada.image('/images/1')).toMatchObject({ status: 200 });
  expect(asked).toEqual(['127.0.0.1:2 /api/photos?limit=3', '127.0.0.1:1 /images/1']);
  expect(await ada.image('http://127.0.0.1:3/images/1')).toMatchObject({ silence: 'refused' });
  expect(await ada.image(`${way}/images/2`)).toMatchObject({ status: 200 });
});

test('the position of the latest answer that had one goes with every request, until somebody else is meant', async () => {
  const got: (string | undefined)[] = [];
  const given = ['7', '', undefined, '9', 'caf\u00e9', '10'];
  const { base } = await serve(({ headers }, response) => {
    const position = given[got.length];
    got.push(headers['x-position']?.toString());
    if (position !== undefined) response.setHeader('X-Position', position);
    response.end();
  });
  const ada = person({ base });
  while (got.length < given.length) await ada.feed();
  expect(got).toEqual([undefined, '7', '7', '7', '9', '9']);
  const grace = person({ base });
  grace.client.resume(ada.client);
  await grace.feed();
  expect(got.at(-1)).toBe('10');
  await grace.client.send({ url: '/', asStranger: true });
  expect(got.at(-1)).toBeUndefined();
  grace.client.forgetSession();
  await grace.feed();
  expect(got.at(-1)).toBeUndefined();
});

test('an upload takes headers besides those of its form', async () => {
  const seen: http.IncomingHttpHeaders[] = [];
  const { base } = await serve((request, response) => {
    seen.push(request.headers);
    request.resume().on('end', () => response.end());
  });
  await person({ base }).uploads(pictures.png, { headers: { 'Idempotency-Key': 'once' } });
  expect(seen[0]).toMatchObject({ 'idempotency-key': 'once', 'content-type': expect.stringMatching(/^multipart\/form-data; boundary=/) as string });
});

test('an answer that is larger than somebody takes is cut off, and said to be', async () => {
  const { base } = await serve((_request, response) => {
    const more = setInterval(() => response.write(Buffer.alloc(256 * 1024)), 1);
    response.once('close', () => clearInterval(more));
  });
  const ada = person({ base });
  ada.client.limitBodies(1024 * 1024);
  const answer = await ada.feed();
  expect(answer).toMatchObject({ status: 0, silence: 'too large' });
  expect(answer.body.length).toBeLessThanOrEqual(1024 * 1024);
  expect(String(answer)).toBe('GET /api/photos → more than 1 MB, and still no end');
});
