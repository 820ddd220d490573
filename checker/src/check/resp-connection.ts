import net from 'node:net';
import { decodeReply, encodeCommand, RedisError, type Reply } from './resp.ts';

interface Waiting {
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
}

/** One connection to a Redis: commands go out at once, and replies belong to them in order. */
export class RespConnection {
  readonly closed: Promise<void>;
  /** Told of what comes unasked, as after `MONITOR`. */
  onMessage: (message: Reply) => void = () => undefined;
  readonly #socket: net.Socket;
  readonly #waiting: Waiting[] = [];
  readonly #timeoutMs: number;
  #unread = Buffer.alloc(0);

  private constructor(socket: net.Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    void this.closed.then(() => this.#giveUp(new Error('The connection to Redis is closed.')));
  }

  /** @throws Error when nobody answers at the port of this computer */
  static async open(port: number, timeoutMs: number): Promise<RespConnection> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    // Whoever waits for a reply is told when it closes.
    socket.on('error', () => undefined);
    return new RespConnection(socket, timeoutMs);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Of its end here, as the server lists it: `127.0.0.1:50312`. */
  get address(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`;
  }

  /** @throws RedisError for what the server refuses; Error when the connection ends, or the server is silent for too long */
  async send(words: readonly (string | number)[]): Promise<Reply> {
    if (!this.isOpen) throw new Error('The connection to Redis is closed.');
    const timer = setTimeout(() => this.#giveUp(new Error(`Redis said nothing for ${this.#timeoutMs / 1_000} s.`)), this.#timeoutMs);
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        this.#socket.write(encodeCommand(words));
      });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    let at = 0;
    for (let next = decodeReply(this.#unread); next; next = decodeReply(this.#unread, at)) {
      at = next.end;
      this.#take(next.reply);
    }
    this.#unread = this.#unread.subarray(at);
  }

  #take(reply: Reply): void {
    const first = this.#waiting.shift();
    if (!first) this.onMessage(reply);
    else if (reply instanceof RedisError) first.reject(reply);
    else first.resolve(reply);
  }

  /** After a reply that did not come, the next one would be taken for it. */
  #giveUp(error: Error): void {
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
