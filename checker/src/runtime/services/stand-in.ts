// A program of the checker's own in the place of a machine's front service: for what no real app can be asked to do, such
// as a body of 256 MB or an answer that never ends. Everybody else reaches it over the same wires.

import http from 'node:http';
import net from 'node:net';
import type { ServiceDescription } from '../../stack/description.ts';
import type { Log } from '../log.ts';
import type { OnListening, Service } from './service.ts';

/** What it does with a request, or with a bare connection, where even HTTP would be too much order. */
export type StandIn = { http: http.RequestListener } | { tcp: (socket: net.Socket) => void };

export interface StandInOptions {
  standIn: StandIn;
  /** Of the service in whose place it is. */
  description: ServiceDescription;
  port: number;
  log: Log;
  onListening: OnListening;
}

export class StandInService implements Service {
  readonly title = 'a stand-in of the checker';
  readonly description: ServiceDescription;
  readonly port: number;
  readonly log: Log;
  /** It runs in the checker's own. */
  readonly process = undefined;
  listening = false;
  readonly #standIn: StandIn;
  readonly #onListening: OnListening;
  readonly #sockets = new Set<net.Socket>();
  #server: net.Server | undefined;

  constructor({ standIn, description, port, log, onListening }: StandInOptions) {
    this.#standIn = standIn;
    this.description = description;
    this.port = port;
    this.log = log;
    this.#onListening = onListening;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  async start(): Promise<void> {
    const server = serverOf(this.#standIn);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: this.port, host: '127.0.0.1' }, resolve);
    });
    this.#server = server;
    await this.#onListening(true);
    this.listening = true;
  }

  async ready(): Promise<void> {
    // It listens as soon as it is started.
  }

  async kill(): Promise<void> {
    await this.#onListening(false);
    this.listening = false;
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  async stop(): Promise<boolean> {
    await this.kill();
    return true;
  }
}

function serverOf(standIn: StandIn): net.Server {
  if ('tcp' in standIn) return net.createServer({ allowHalfOpen: true, noDelay: true }, standIn.tcp);
  // It is as patient as a check wants it to be, and reads addresses that are longer than anybody's.
  return http.createServer({ requestTimeout: 0, headersTimeout: 0, maxHeaderSize: 64 * 1024 }, standIn.http);
}
