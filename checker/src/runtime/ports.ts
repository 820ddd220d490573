// Ports below the range from which systems hand out ephemeral ones (Linux from 32768, macOS from 49152), so
// that no outgoing connection takes one between our choosing it and our using it. A command owns a block of
// three hundred for as long as it listens on the block's first: two commands never choose the same.

import { createServer, type Server } from 'node:net';
import { pause } from './until.ts';

const firstPort = 20_000;
// Of the largest step a stack takes some 60 ports, and there may be several: one that is judged, the next, and one that ends.
const blockSize = 300;
const blocks = 40;
const preferable = 10;
/** Held while time is judged: a lock that the system opens by itself when its holder dies. */
const alonePort = firstPort + blocks * blockSize;

export class Ports {
  readonly #guard: Server;
  readonly #base: number;
  readonly #taken = new Set<number>();
  #next = 1;

  private constructor(guard: Server, base: number) {
    this.#guard = guard;
    this.#base = base;
  }

  /**
   * @param preferred block 0 to 39: taken if it is free, so that the same command gets the same ports again. The
   * first ten are for those who prefer them.
   * @throws Error when every block is taken.
   */
  static async claim(preferred = preferable + Math.floor(Math.random() * (blocks - preferable))): Promise<Ports> {
    for (let offset = 0; offset < blocks; offset += 1) {
      const base = firstPort + ((preferred + offset) % blocks) * blockSize;
      const guard = await listen(base);
      if (guard) return new Ports(guard, base);
    }
    throw new Error(`Every port from ${firstPort} to ${firstPort + blocks * blockSize - 1} is taken.`);
  }

  /** Which block it is, 0 to 39: nobody else on this computer has it for as long as it is ours. */
  get block(): number {
    return (this.#base - firstPort) / blockSize;
  }

  /** A free port on the loopback address; it stays ours until it is given back. */
  async take(): Promise<number> {
    for (let tried = 1; tried < blockSize; tried += 1) {
      const port = this.#base + this.#next;
      this.#next = (this.#next % (blockSize - 1)) + 1;
      if (this.#taken.has(port)) continue;
      const probe = await listen(port);
      if (!probe) continue;
      await close(probe);
      this.#taken.add(port);
      return port;
    }
    throw new Error(`Every port from ${this.#base + 1} to ${this.#base + blockSize - 1} is taken.`);
  }

  /** Runs something while nothing else that calls this runs, in any command on this computer. */
  async alone<Result>(section: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const guard = await listen(alonePort);
      if (!guard) {
        await pause(20);
        continue;
      }
      try {
        return await section();
      } finally {
        await close(guard);
      }
    }
  }

  giveBack(ports: Iterable<number>): void {
    for (const port of ports) this.#taken.delete(port);
    if (this.#taken.size === 0) this.#next = 1;
  }

  release(): Promise<void> {
    return close(this.#guard);
  }
}

function listen(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
