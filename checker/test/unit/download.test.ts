// Somebody who loads something large: what they have when it does not come to its end.

import http from 'node:http';
import type net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Download } from '../../src/check/download.ts';
import { until } from '../../src/runtime/until.ts';

let server: http.Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Asks a server that promises 1,000 bytes and sends 10 of them. */
async function begun(): Promise<{ download: Download; response: http.ServerResponse }> {
  let response: http.ServerResponse | undefined;
  const listening = http.createServer((_request, answer) => {
    response = answer;
    answer.writeHead(200, { 'content-length': 1_000 });
    answer.write('a'.repeat(10));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as net.AddressInfo;
  const download = await Download.begin(`http://127.0.0.1:${port}/`);
  return { download: download!, response: response! };
}

test('a connection that breaks while nothing is taken is told as soon as the rest is asked for', async () => {
  const { download, response } = await begun();
  response.socket?.resetAndDestroy();
  await until('the break to arrive', () => download.isOver, { timeoutMs: 2_000 });
  const startedAt = performance.now();
  expect(await download.rest(5_000)).toMatchObject({ broken: 'the connection was closed' });
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test('what comes for ever is not said to have stopped', async () => {
  const { download, response } = await begun();
  const more = setInterval(() => response.write('a'), 5);
  expect((await download.rest(300)).broken).toBe('no end after 0.3 s');
  clearInterval(more);
  download.leaves();
});

test('what stops coming is said to have stopped', async () => {
  const { download } = await begun();
  expect(await download.rest(300)).toMatchObject({ bytes: 10, broken: 'nothing more came' });
  download.leaves();
});
