// The door of a stack on Docker, with its program as a process of this computer.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Door, doorProgram } from '../../src/compose/door.ts';
import type { NearEnd } from '../../src/runtime/near-end.ts';
import { Ports } from '../../src/runtime/ports.ts';
import { until } from '../../src/runtime/until.ts';

const host = '127.0.0.1';
let ports: Ports;
let program: ChildProcess;
let door: Door;
let end: NearEnd;
let service: net.Server;
const sockets: net.Socket[] = [];

beforeEach(async () => {
  ports = await Ports.claim();
  const own = await ports.take();
  door = new Door(host, own);
  program = spawn(process.execPath, [doorProgram, String(own), door.secret, host], { stdio: 'ignore' });
  await door.open({ host, port: own });
  end = door.nearEnd();
  service = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => socket.write(`heard ${bytes.toString()}`));
    socket.on('end', () => socket.end(' and the end'));
  });
  await new Promise<void>((resolve) => service.listen({ port: 0, host }, resolve));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  door.shut();
  program.kill('SIGKILL');
  service.close();
  await ports.release();
});

function connect(port: number): net.Socket {
  const socket = net.connect({ port, host, allowHalfOpen: true });
  sockets.push(socket);
  return socket;
}

function portOfService(): number {
  return (service.address() as net.AddressInfo).port;
}

async function textOf(socket: net.Socket): Promise<string> {
  let text = '';
  for await (const bytes of socket) text += String(bytes);
  return text;
}

test('a connection that comes in is handed over with what was said in it, and with where it came from', async () => {
  const accepted = new Promise<{ near: net.Socket; from: string }>((resolve) => void end.open((near, from) => resolve({ near, from })).then(() => connect(end.port).end('hello')));
  const { near, from } = await accepted;
  sockets.push(near);
  expect(from).toBe(host);
  expect(await textOf(near)).toBe('hello');
});

test('a service is dialled, and bytes and ends go both ways', async () => {
  const far = door.dial({ host, port: portOfService() });
  sockets.push(far);
  far.end('this');
  expect(await textOf(far)).toBe('heard this and the end');
});

test('a service that is not there resets who dials it', async () => {
  const far = door.dial({ host, port: await ports.take() });
  sockets.push(far);
  const [error] = (await once(far, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
});

test('a reset goes through, or as the end that Node.js may send before it: nobody is left with half a connection', async () => {
  await end.open((near) => near.resetAndDestroy());
  const client = net.connect({ port: end.port, host });
  sockets.push(client);
  client.resume().on('error', () => undefined);
  await new Promise<void>((resolve) => client.once('close', () => resolve()));
});

test('an end that is closed refuses, and accepts when it is opened again', async () => {
  await end.open((near) => near.end('there'));
  end.close();
  await until('the port to be refused', async () => ((await once(connect(end.port), 'error')) as [NodeJS.ErrnoException])[0].code === 'ECONNREFUSED', { timeoutMs: 5_000 });
  await end.open((near) => near.resume().end('there again'));
  expect(await textOf(connect(end.port))).toBe('there again');
});

test('whoever does not know the secret gets nothing', async () => {
  const stranger = connect((end.port) - 1);
  stranger.write('guess control\n');
  expect(await textOf(stranger)).toBe('');
});
