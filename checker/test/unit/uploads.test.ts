// The way of a picture from step 5 on, and the way it went before, against an API and a storage in this process.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Answer } from '../../src/check/answer.ts';
import { Failure } from '../../src/check/failure.ts';
import { pictures } from '../../src/check/picture.ts';
import { permissionIn } from '../../src/check/shapes.ts';
import { permissionOf } from '../../src/check/upload-permission.ts';
import { User, type UserOptions } from '../../src/check/user.ts';
import { seedFeed } from '../../src/run/seed.ts';

interface Asked {
  call: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

type Respond = (asked: Asked) => { status?: number; json?: unknown } | undefined;

const closers: (() => void)[] = [];
let asked: Asked[] = [];
/** What the one server answers that is API and storage at once; nothing is 404. */
let respond: Respond;
let base: string;

beforeEach(async () => {
  asked = [];
  respond = () => undefined;
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => {
      const one = { call: `${request.method} ${request.url}`, headers: request.headers, body: Buffer.concat(pieces) };
      asked.push(one);
      const { status = 200, json } = respond(one) ?? { status: 404 };
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(json));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function person(options: Partial<UserOptions> = { uploadsTo: 'storage' }): User {
  const ada = new User('ada', { base, ...options });
  ada.client.token = 'a token';
  ada.client.position = '7';
  closers.push(() => ada.client.close());
  return ada;
}

const calls = (): string[] => asked.map(({ call }) => call);
const jsonOf = ({ body }: Asked): unknown => JSON.parse(body.toString());

/** An API with a storage, as in step 5; `others` goes before it. */
function withStorage(others: Respond = () => undefined): Respond {
  const usual: Respond = ({ call }) => {
    if (call === 'POST /api/uploads') return { status: 201, json: { uploadId: 'up-1', url: `${base}/images/new?signature=s`, headers: { 'Content-Type': 'image/png', 'X-Signed': 'yes' } } };
    if (call.startsWith('PUT /images/')) return { status: 201 };
    if (call === 'POST /api/photos') return { status: 201, json: { id: '1' } };
    return undefined;
  };
  return (one) => others(one) ?? usual(one);
}

describe('from step 5 on', () => {
  test('bytes go to where the API says, with its headers and without a token; then the photo is made', async () => {
    respond = withStorage();
    const answer = await person().uploads(pictures.png, { caption: 'By the sea', headers: { 'Idempotency-Key': 'once' } });
    expect(answer).toMatchObject({ status: 201, json: { id: '1' } });
    expect(calls()).toEqual(['POST /api/uploads', 'PUT /images/new?signature=s', 'POST /api/photos']);
    const [ask, put, post] = asked as [Asked, Asked, Asked];
    expect(jsonOf(ask)).toEqual({ type: 'image/png', size: pictures.png.bytes.length });
    expect(ask.headers).toMatchObject({ authorization: 'Bearer a token', 'x-position': '7' });
    expect(ask.headers).not.toHaveProperty('idempotency-key');
    expect(put.body.equals(pictures.png.bytes)).toBe(true);
    expect(put.headers).toMatchObject({ 'content-type': 'image/png', 'x-signed': 'yes', 'content-length': String(put.body.length) });
    for (const secret of ['authorization', 'x-position']) expect(put.headers).not.toHaveProperty(secret);
    expect(jsonOf(post)).toEqual({ uploadId: 'up-1', caption: 'By the sea' });
    expect(post.headers).toMatchObject({ authorization: 'Bearer a token', 'idempotency-key': 'once', 'content-type': 'application/json' });
  });

  test('what somebody claims of a file is what they ask for', async () => {
    respond = withStorage();
    await person().uploads(pictures.png, { claimedType: 'image/gif' });
    expect(jsonOf(asked[0]!)).toMatchObject({ type: 'image/gif' });
  });

  test.each([404, 405])('an API that answers the first call with %i gets the form', async (status) => {
    respond = ({ call }) => (call === 'POST /api/uploads' ? { status } : { status: 201, json: { id: '1' } });
    expect(await person().uploads(pictures.png)).toMatchObject({ status: 201 });
    expect(calls()).toEqual(['POST /api/uploads', 'POST /api/photos']);
    expect(asked[1]!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  });

  test.each([
    ['POST /api/uploads', 413, 1],
    ['PUT /images/new?signature=s', 403, 2],
    ['POST /api/photos', 409, 3],
  ])('the answer is that of the call that went wrong: %s', async (call, status, made) => {
    respond = withStorage((one) => (one.call === call ? { status } : undefined));
    const answer = await person().uploads(pictures.png);
    expect(answer).toMatchObject({ call, status });
    expect(asked).toHaveLength(made);
  });

  test('an answer that is no permission is the last, whatever it says', async () => {
    respond = () => ({ status: 201, json: { uploadId: 7 } });
    expect(await person().uploads(pictures.png)).toMatchObject({ call: 'POST /api/uploads', status: 201 });
    expect(asked).toHaveLength(1);
  });

  test('nothing is sent to an address outside of this computer', async () => {
    respond = () => ({ status: 201, json: { uploadId: 'up-1', url: 'https://storage.example/1', headers: {} } });
    const ada = person();
    expect(await ada.uploads(pictures.png)).toMatchObject({ call: 'PUT https://storage.example/1', silence: 'unusable' });
    const held = ada.beginsPut({ url: 'https://storage.example/1', headers: {} }, pictures.png.bytes);
    await held.sendUpTo(0.5);
    held.sendRest();
    expect(await held.answer).toMatchObject({ silence: 'unusable' });
  });

  test('bytes can be sent piece by piece, and an image is asked for without a token', async () => {
    respond = withStorage(({ call }) => (call === 'GET /images/new' ? { status: 200 } : undefined));
    const ada = person();
    const held = ada.beginsPut({ url: `${base}/images/new`, headers: { 'X-Signed': 'yes' } }, pictures.png.bytes);
    await held.sendUpTo(0.5);
    expect(asked).toEqual([]);
    held.sendRest();
    expect(await held.answer).toMatchObject({ status: 201 });
    expect(asked[0]!.body.equals(pictures.png.bytes)).toBe(true);
    await ada.image('/images/new');
    expect(asked[1]!.headers).not.toHaveProperty('authorization');
  });
});

test('before step 5 there is one call, a form with a token', async () => {
  respond = withStorage();
  expect(await person({}).uploads(pictures.png)).toMatchObject({ status: 201 });
  expect(calls()).toEqual(['POST /api/photos']);
  expect(asked[0]!.headers).toMatchObject({ authorization: 'Bearer a token', 'content-type': expect.stringMatching(/^multipart\//) as string });
});

describe('a permission', () => {
  const answerOf = (body: unknown, status = 201): Answer =>
    new Answer({ request: { who: 'Ada', method: 'POST', path: '/api/uploads' }, sentAt: 0, firstByteAt: 1, endedAt: 1, silence: undefined, status, headers: {}, body: Buffer.from(JSON.stringify(body)) });
  const whole = { uploadId: 'up-1', url: 'http://127.0.0.1:1/images/1', headers: { 'Content-Type': 'image/png' } };

  test('has an id, an address and headers that can be sent', () => {
    expect(permissionOf(answerOf(whole))).toEqual(whole);
    expect(permissionOf(answerOf({ ...whole, headers: {} }))).toBeDefined();
    expect(permissionIn(answerOf(whole), { did: 'Ada asked to upload', why: '' })).toEqual(whole);
  });

  test.each([
    [null],
    [{ ...whole, uploadId: 1 }],
    [{ ...whole, url: undefined }],
    [{ ...whole, headers: undefined }],
    [{ ...whole, headers: ['Content-Type'] }],
    [{ ...whole, headers: { 'Content-Length': 7 } }],
    [{ ...whole, headers: { 'not a name': 'x' } }],
    [{ ...whole, headers: { 'X-Signed': 'one\r\ntwo' } }],
  ])('is none when it is %j', (body) => {
    expect(permissionOf(answerOf(body))).toBeUndefined();
    expect(() => permissionIn(answerOf(body), { did: 'Ada asked to upload', why: '' })).toThrow(Failure);
  });

  test('is none in an answer that refuses', () => {
    expect(permissionOf(answerOf(whole, 403))).toBeUndefined();
  });
});

test.each([
  ['storage, where there is one', true, 3],
  ['a form, where there is none', false, 2],
])('the first photos of a stack that is up go to %s', async (_way, hasStorage, callsEach) => {
  const others: Respond = ({ call }) => {
    if (call === 'GET /readyz') return { status: 200 };
    if (call.startsWith('GET /api/photos')) return { status: 200, json: { photos: [] } };
    if (call === 'POST /api/users') return { status: 201, json: { token: 'a token' } };
    if (call === 'POST /api/photos') return { status: 201, json: { id: '1' } };
    return undefined;
  };
  respond = hasStorage ? withStorage(others) : others;
  expect(await seedFeed(base)).toBe(12);
  const posting = calls().filter((call) => !call.startsWith('GET ') && call !== 'POST /api/users');
  expect(posting).toHaveLength(12 * callsEach);
  expect(posting.filter((call) => call.startsWith('PUT '))).toHaveLength(hasStorage ? 12 : 0);
});
