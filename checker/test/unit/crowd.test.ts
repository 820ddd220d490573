// Crowds against a server in this process, and what is read from their records without any.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Crowd, type CrowdOptions } from '../../src/check/crowd.ts';
import {
  countByMachine,
  failedBeforeFirstByte,
  hasFailed,
  msOf,
  outcomes,
  percentile,
  requireOnTime,
  sentBetween,
  together,
} from '../../src/check/crowd-record.ts';
import { NotRun } from '../../src/check/failure.ts';
import { User } from '../../src/check/user.ts';
import { pause, until } from '../../src/runtime/until.ts';
import { record, request, silent } from './crowds.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server, and a crowd that asks it. */
async function crowdAt(listener: http.RequestListener, options: Partial<CrowdOptions> = {}): Promise<Crowd> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ada = new User('ada', { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const crowd = new Crowd({ perSecond: 100, does: (who) => who.feed(), people: [ada], ...options });
  closers.push(() => {
    crowd.disperse();
    ada.client.close();
    server.closeAllConnections();
    server.close();
  });
  return crowd;
}

describe('a crowd', () => {
  test('takes no more of an answer than it has memory for', async () => {
    const crowd = await crowdAt((_request, response) => void response.end(Buffer.alloc(3 * 1024 * 1024)), { perSecond: 20 });
    await crowd.for(200);
    const { requests } = await crowd.leaves();
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.every(({ silence }) => silence === 'too large')).toBe(true);
  });

  test('keeps coming while nobody is answered, and waits for every answer when it leaves', async () => {
    const waiting: http.ServerResponse[] = [];
    const crowd = await crowdAt((_request, response) => void waiting.push(response));
    await until('eighty to be waiting', () => waiting.length >= 80, { timeoutMs: 5_000 });
    const leaving = crowd.leaves();
    const came = waiting.length;
    for (const response of waiting) response.setHeader('X-Served-By', 'api-1').end('[]');
    // Whoever was still on the way is answered too.
    const answering = setInterval(() => waiting.slice(came).forEach((response) => response.writableEnded || response.end('[]')), 5);
    const { requests, unsent } = await leaving;
    clearInterval(answering);
    expect(requests.length).toBe(waiting.length);
    expect(unsent).toBe(0);
    expect(requests.every(({ status }) => status === 200)).toBe(true);
    expect(requests[0]).toMatchObject({ machine: 'api-1', method: 'GET', call: 'GET /api/photos', saw: 'GET /api/photos → 200' });
    expect(msOf(requests[0]!)).toBeGreaterThan(500);
  });

  test('comes as often as it is told, each at a moment of their own', async () => {
    const crowd = await crowdAt((_request, response) => void response.end('[]'), { perSecond: 50 });
    await crowd.for(1_000);
    const { requests, leftAt } = await crowd.leaves();
    expect(requests.length / leftAt).toBeGreaterThan(0.04);
    expect(requests.length / leftAt).toBeLessThan(0.055);
    const dueAt = requests.map((one) => one.dueAt);
    expect(dueAt).toEqual(dueAt.toSorted((one, other) => one - other));
    // Not in step with anything: no two gaps are alike.
    const gaps = dueAt.slice(1).map((due, index) => Math.round((due - dueAt[index]!) * 100));
    expect(new Set(gaps).size).toBeGreaterThan(gaps.length / 2);
    expect(requests.every(({ sentAt, dueAt: due }) => sentAt >= due)).toBe(true);
  });

  test('makes up for what our own computer kept from being sent, and tells how late that was', async () => {
    const crowd = await crowdAt((_request, response) => void response.end('[]'));
    await crowd.for(50);
    const busyUntil = performance.now() + 400;
    while (performance.now() < busyUntil);
    await crowd.for(50);
    const left = await crowd.leaves();
    expect(left.requests.length).toBeGreaterThan(left.leftAt / 10 - 3);
    expect(Math.max(...left.requests.map(({ sentAt, dueAt }) => sentAt - dueAt))).toBeGreaterThan(300);
    expect(() => requireOnTime(left)).toThrow(NotRun);
    expect(() => requireOnTime(left, 2_000)).not.toThrow();
  });

  test('is of people who come in turn', async () => {
    const came: string[] = [];
    const [ada, grace] = ['ada', 'grace'].map((name) => new User(name, { base: 'http://127.0.0.1:1' }));
    const does = (who: User, index: number): ReturnType<User['feed']> => {
      came[index] = who.name;
      return who.feed();
    };
    const crowd = await crowdAt(() => undefined, { people: [ada!, grace!], does });
    await until('four to come', () => came.length >= 4, { timeoutMs: 2_000 });
    const { requests } = await crowd.leaves();
    expect(came.slice(0, 4)).toEqual(['Ada', 'Grace', 'Ada', 'Grace']);
    expect(requests[0]).toMatchObject({ silence: 'refused', status: 0, machine: undefined, firstByteAt: undefined });
  });

  test('sees whether an answer had begun before it broke off', async () => {
    const crowd = await crowdAt((asked, response) => {
      if (asked.url === '/api/me') asked.socket.destroy();
      else response.writeHead(200, { 'content-length': 100, 'x-served-by': 'api-2' }).write('half', () => asked.socket.destroy());
    }, { does: (who, index) => (index % 2 === 0 ? who.feed() : who.me()) });
    await crowd.for(60);
    const { requests } = await crowd.leaves();
    const [begun, never] = requests as [(typeof requests)[number], (typeof requests)[number]];
    expect(begun).toMatchObject({ silence: 'reset', status: 0, machine: 'api-2', firstByteAt: expect.any(Number) as number });
    expect(never).toMatchObject({ silence: 'reset', status: 0, machine: undefined, firstByteAt: undefined });
    expect([begun, never].map(failedBeforeFirstByte)).toEqual([false, true]);
  });

  test('notes what happens meanwhile, on its clock', async () => {
    const crowd = await crowdAt((_request, response) => void response.end('[]'));
    await crowd.for(40);
    crowd.mark('api-2 killed');
    const { marks, requests, leftAt } = await crowd.leaves();
    expect(marks).toEqual([{ at: expect.any(Number) as number, what: 'api-2 killed' }]);
    expect(marks[0]!.at).toBeGreaterThan(requests[0]!.sentAt);
    expect(marks[0]!.at).toBeLessThanOrEqual(leftAt);
  });

  test('ends with the mistake of a check that makes one, and sends nothing more', async () => {
    let asked = 0;
    const crowd = await crowdAt((_request, response) => void response.end('[]'), {
      does: async (who) => {
        asked += 1;
        if (asked === 3) throw new Error('no such photo');
        return who.feed();
      },
    });
    await expect(crowd.for(10_000)).rejects.toThrow('no such photo');
    await expect(crowd.leaves()).rejects.toThrow('no such photo');
    // On a busy computer others were due at the same moment.
    const before = asked;
    await pause(50);
    expect(asked).toBe(before);
  });
});

describe('what became of a crowd', () => {
  const late = request(300, { endedAt: 1_000 });
  const served = [request(0), request(100, { machine: 'api-2' }), request(200, { status: 404, machine: 'api-2' }), late];
  const failed = [request(400, { status: 503 }), request(500, silent), request(600, { status: 0, silence: 'reset' })];
  const all = record([...served, ...failed]);

  test('is told by machine, and in words', () => {
    expect(countByMachine(all.requests)).toEqual(new Map([['api-1', 4], ['api-2', 2]]));
    expect(outcomes(all.requests)).toBe('3 × 200, 1 × 404, 1 × 503, 1 × connection refused, 1 × connection closed');
    expect(outcomes([])).toBe('nothing');
  });

  test('is a failure where the server could not, or said nothing to the end', () => {
    expect(all.requests.filter(hasFailed)).toEqual(failed);
    expect(all.requests.filter(failedBeforeFirstByte)).toEqual(failed.slice(0, 2));
  });

  test('can be looked at from one moment to another', () => {
    expect(sentBetween(all, 100, 300)).toEqual(served.slice(1, 3));
    expect(sentBetween(all, 400)).toEqual(failed);
  });

  test.each([
    [[], 99, 0],
    [[7], 1, 7],
    [[4, 1, 3, 2], 50, 2],
    [[4, 1, 3, 2], 75, 3],
    [[4, 1, 3, 2], 100, 4],
    [Array.from({ length: 200 }, (_, index) => index + 1), 99, 198],
    [[100, 20], 99, 100],
  ])('has percentiles that occurred: of %j, %i %% are at most %i', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });

  test('is one record with that of another that was there at the same time', () => {
    const writers = record([request(50, { method: 'POST' })], [{ at: 60, what: 'api-2 killed' }], 1_400);
    const both = together({ ...writers, unsent: 2 }, all);
    expect(both).toMatchObject({ startedAt: 1_000, leftAt: 600, unsent: 2, marks: [{ at: 460, what: 'api-2 killed' }] });
    expect(both.requests.map(({ sentAt }) => sentAt)).toEqual([0, 100, 200, 300, 400, 450, 500, 600]);
    expect(both.requests[5]).toMatchObject({ method: 'POST', dueAt: 450, firstByteAt: 454, endedAt: 455 });
    expect(msOf(both.requests[5]!)).toBe(5);
  });

  test('is judged where the crowd itself was on time', () => {
    expect(() => requireOnTime(all)).not.toThrow();
    const oneInAHundred = Array.from({ length: 200 }, (_, index) => request(index, { dueAt: index === 7 ? index - 900 : index }));
    expect(() => requireOnTime(record(oneInAHundred))).not.toThrow();
    expect(() => requireOnTime(record(oneInAHundred.map((one) => ({ ...one, dueAt: one.sentAt - 200 }))))).toThrow(NotRun);
    expect(() => requireOnTime({ ...all, unsent: 1 })).toThrow(NotRun);
  });
});
