// A machine behind the balancer that a test has in its hands: what it answers, whether it is ready, whether it is there.

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterAll } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const stubs = new Set<{ stop: () => void }>();
afterAll(() => {
  for (const stub of stubs) stub.stop();
  stubs.clear();
});

export class Stub {
  readonly name: string;
  /** What it says at /readyz. */
  ready = true;
  /** Takes every request, health checks included, and says nothing: a process that is stopped. */
  isSilent = false;
  /** Every request but those for /readyz and those that only see whether the balancer listens. */
  readonly requests: IncomingMessage[] = [];
  /** The connections on which these came, by the number of the connection. */
  readonly connectionOf: number[] = [];
  handler: Handler;
  port = 0;
  #server: http.Server | undefined;
  readonly #connections = new Map<Socket, number>();

  private constructor(name: string, handler: Handler) {
    this.name = name;
    this.handler = handler;
  }

  /** Answers with its name, unless told otherwise. */
  static async start(name = 'api', handler: Handler = (_request, response) => response.end(name)): Promise<Stub> {
    const stub = new Stub(name, handler);
    stubs.add(stub);
    await stub.listen();
    return stub;
  }

  /** Listens (again) where it listened before. */
  async listen(): Promise<void> {
    const server = http.createServer((request, response) => this.#answer(request, response));
    server.on('connection', (socket) => {
      this.#connections.set(socket, this.#connections.size);
      socket.on('error', () => socket.destroy());
    });
    this.#server = server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  /** Refuses connections and resets those that exist, as a machine does whose process was killed. */
  stop(): void {
    this.#server?.close();
    for (const socket of this.#connections.keys()) socket.resetAndDestroy();
    this.#connections.clear();
  }

  /** Stops listening and lets requests end: what a drain ends with. */
  async leave(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    server.close();
    await once(server, 'close');
  }

  get methods(): (string | undefined)[] {
    return this.requests.map(({ method }) => method);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('X-Served-By', this.name);
    if (this.isSilent) return void (request.url === '/readyz' || this.requests.push(request));
    if (request.url === '/readyz') return void response.writeHead(this.ready ? 200 : 503).end();
    if (request.url === '/listening') return void response.end();
    this.requests.push(request);
    this.connectionOf.push(this.#connections.get(request.socket) ?? -1);
    this.handler(request, response);
  }
}

/** A machine that answers /readyz and sends `text` to whoever else connects and asks, whatever it means. */
export async function rawStub(answer: (socket: Socket, request: string) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const request = bytes.toString('latin1');
      if (/^\S+ \/(readyz|listening) /.test(request)) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      else answer(socket, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stubs.add({
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  return (server.address() as AddressInfo).port;
}
