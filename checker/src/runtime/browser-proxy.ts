// The way of one person's browser to a stack: a proxy that dials what has a public address in this stack, over the wires of
// that person's region, records what is asked, and refuses everything else. It records also what nobody was there to answer.

import http from 'node:http';
import type { Duplex } from 'node:stream';

export interface BrowserRequest {
  /** On the clock of `performance.now()`. */
  at: number;
  method: string;
  url: string;
  /** Undefined while there is no answer, and when none came. */
  status: number | undefined;
}

export interface BrowserProxyOptions {
  port: number;
  /** Where it may go, `http://127.0.0.1:20017`, and what is dialled for it. */
  ways: ReadonlyMap<string, string>;
}

export class BrowserProxy {
  readonly port: number;
  readonly requests: BrowserRequest[] = [];
  readonly #ways: ReadonlyMap<string, string>;
  readonly #server: http.Server;
  /** Sockets that asked for a tunnel: the server gives them away, and closes them no more. */
  readonly #refused = new Set<Duplex>();

  private constructor({ port, ways }: BrowserProxyOptions) {
    this.port = port;
    this.#ways = ways;
    this.#server = http.createServer((request, response) => this.#forward(request, response));
    // A tunnel carries what nobody can read, to anywhere; nothing on these machines is behind one.
    this.#server.on('connect', (_request, socket) => this.#refuseTunnel(socket));
  }

  /** @throws Error when the port is taken. */
  static async open(options: BrowserProxyOptions): Promise<BrowserProxy> {
    const proxy = new BrowserProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen({ port: options.port, host: '127.0.0.1' }, resolve);
    });
    return proxy;
  }

  /** Ends it, and every connection through it. */
  async close(): Promise<void> {
    for (const socket of this.#refused) socket.destroy();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Not recorded: browsers ask their makers things by themselves, and nothing on these machines is reached this way. */
  #refuseTunnel(socket: Duplex): void {
    this.#refused.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#refused.delete(socket));
    // What follows is read by nobody, and must not keep the connection open.
    socket.resume();
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n', () => socket.destroy());
  }

  #forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = 'GET', url = '' } = request;
    const record: BrowserRequest = { at: performance.now(), method, url, status: undefined };
    this.requests.push(record);
    const target = URL.canParse(url) ? new URL(url) : undefined;
    const way = this.#ways.get(target?.origin ?? '');
    if (!target || way === undefined) {
      record.status = 403;
      response.writeHead(403, { connection: 'close' }).end();
      return;
    }
    // A proxy goes by the address that it is told, and tells that one (RFC 9112, section 3.2.2).
    const headers: http.IncomingHttpHeaders = { ...request.headers, host: target.host };
    delete headers['proxy-connection'];
    // A failed connection has to look like one, and no answer of ours in its place.
    const fail = (): void => void response.destroy();
    const asked = http.request(new URL(target.pathname + target.search, way), { method, headers, agent: false });
    asked.on('error', fail);
    asked.on('response', (answer) => {
      record.status = answer.statusCode;
      // On a connection that it had used before, a browser asks twice by itself when the answer fails to come.
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: 'close' });
      answer.on('error', fail);
      answer.on('aborted', fail);
      answer.pipe(response);
    });
    response.on('close', () => asked.destroy());
    request.on('error', fail);
    request.pipe(asked);
  }
}
