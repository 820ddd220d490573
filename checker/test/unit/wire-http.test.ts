// HTTP over a wire: who asks keeps their address, and a cut under load loses nothing that TCP would not lose.

import { once } from 'node:events';
import http from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dialLoopback, ListeningEnd } from '../../src/runtime/near-end.ts';
import { Ports } from '../../src/runtime/ports.ts';
import { pause, until } from '../../src/runtime/until.ts';
import { Wire } from '../../src/runtime/wire.ts';

let ports: Ports;
const closers: (() => void)[] = [];

beforeAll(async () => {
  ports = await Ports.claim();
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(() => ports.release());

/** A server that answers with what it heard and from whom, and an open wire to it. */
async function wireToServer(): Promise<{ wire: Wire; heard: string[] }> {
  const port = await ports.take();
  const heard: string[] = [];
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString('utf8');
      heard.push(text);
      response.end(JSON.stringify({ from: request.socket.remoteAddress, text }));
    });
  });
  server.listen({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  closers.push(() => server.closeAllConnections(), () => server.close());
  const wire = new Wire({ name: 'people → lb', near: new ListeningEnd(await ports.take()), far: (from) => dialLoopback(port, from) });
  closers.push(() => wire.close());
  await wire.open();
  return { wire, heard };
}

function post(wire: Wire, text: string, options: http.RequestOptions = {}): Promise<{ from: string; text: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request({ port: wire.port, host: '127.0.0.1', method: 'POST', ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('end', () => resolve(JSON.parse(body) as { from: string; text: string }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(text);
  });
}

function keepAlive(): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  closers.push(() => agent.destroy());
  return agent;
}

describe('people', () => {
  // Only Linux answers to all of 127.0.0.0/8.
  test.runIf(process.platform === 'linux')('keep their addresses, on connections that are used again too', async () => {
    const { wire } = await wireToServer();
    const agents = new Map(['127.0.9.1', '127.0.9.2', '127.0.9.3'].map((address) => [address, keepAlive()]));
    const asked = [...agents, ...agents, ...agents].map(async ([localAddress, agent]) => [localAddress, (await post(wire, 'who am I', { localAddress, agent })).from]);
    for (const [address, seen] of await Promise.all(asked)) expect(seen).toBe(address);
  });

  test('without an address of their own come from the computer itself', async () => {
    const { wire } = await wireToServer();
    expect((await post(wire, 'who am I')).from).toBe('127.0.0.1');
  });
});

describe('a wire that is cut while requests come all the time', () => {
  test('delivers each of them once, and each its own answer, when it is whole again', async () => {
    const { wire, heard } = await wireToServer();
    const agent = keepAlive();
    const answers: Promise<string>[] = [];
    const ask = (): void => {
      const text = `request ${answers.length}`;
      answers.push(post(wire, text, { agent }).then((answer) => answer.text, (error: Error) => error.message));
    };
    const load = setInterval(ask, 2);
    closers.push(() => clearInterval(load));
    await until('some answers', () => heard.length > 20, { timeoutMs: 5_000 });
    for (const what of ['both', 'answers', 'both'] as const) {
      wire.cut(what);
      const before = answers.length;
      await until('more requests', () => answers.length > before + 30, { timeoutMs: 5_000 });
      wire.heal();
      await pause(5);
    }
    clearInterval(load);
    expect(await Promise.all(answers)).toEqual(answers.map((_answer, index) => `request ${index}`));
    expect(heard).toHaveLength(answers.length);
    expect(new Set(heard).size).toBe(answers.length);
  });

  test('carries no answer meanwhile, while the requests arrive', async () => {
    const { wire, heard } = await wireToServer();
    const agent = keepAlive();
    await post(wire, 'first', { agent });
    wire.cut('answers');
    let answered = 0;
    const all = Promise.all(['second', 'third'].map((text) => post(wire, text, { agent }).then(() => (answered += 1))));
    await until('both to arrive', () => heard.length === 3, { timeoutMs: 5_000 });
    await pause(50);
    expect(answered).toBe(0);
    wire.heal();
    await all;
    expect(answered).toBe(2);
  });
});
