// The ends of wires on this computer.

import net from 'node:net';

export const loopback = '127.0.0.1';

/** Where the connections of a wire come in. */
export interface NearEnd {
  /** Where its users find it. */
  readonly host: string;
  readonly port: number;
  /**
   * Accepts connections from now on. What `accept` is given is paused, and knows where it came from.
   * @throws Error when the address is taken.
   */
  open(accept: (near: net.Socket, from: string) => void): Promise<void>;
  /** Refuses connections from now on; those that exist go on. */
  close(): void;
}

/** A port of this computer. */
export class ListeningEnd implements NearEnd {
  readonly host: string;
  readonly port: number;
  #server: net.Server | undefined;

  /** `host`: a loopback address. */
  constructor(port: number, host = loopback) {
    this.port = port;
    this.host = host;
  }

  async open(accept: (near: net.Socket, from: string) => void): Promise<void> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (near) => accept(near, near.remoteAddress ?? ''));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: this.port, host: this.host }, resolve);
    });
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }
}

/** Connects to a port of this computer. @param from an address of one's own, on the loopback: who has one keeps it, as "who is asking" is a question that apps have to answer */
export function dialLoopback(port: number, from = ''): net.Socket {
  return net.connect({ host: loopback, port, allowHalfOpen: true, noDelay: true, ...(from !== loopback && from.startsWith('127.') && { localAddress: from }) });
}
