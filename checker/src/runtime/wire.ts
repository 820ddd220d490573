// A wire joins a machine, or the people outside, to one service of another machine. It is a proxy from the
// start, because a direct connection cannot be cut later. Everything that a network does to an app is done here.

import type net from 'node:net';
import type { NearEnd } from './near-end.ts';

/** `answers` loses only what the service sends back: the request arrives, its answer does not. */
export type Cut = 'both' | 'answers';

export interface WireConnection {
  /** Where it came from. */
  from: string;
  /** Milliseconds on the clock of `performance.now()`. */
  openedAt: number;
  closedAt?: number;
  /** Bytes towards the service, and back. */
  sentBytes: number;
  answeredBytes: number;
}

export interface WireRecord {
  connections: WireConnection[];
  sentBytes: number;
  answeredBytes: number;
}

interface Line {
  near: net.Socket;
  far: net.Socket;
  record: WireConnection;
  halves: Half[];
}

export interface WireOptions {
  /** `api-1 → db`: what messages call it. */
  name: string;
  /** Where connections come in. */
  near: NearEnd;
  /** Makes the connection on which one goes on that comes `from` an address; half-open ones are allowed. */
  far: (from: string) => net.Socket;
  /** Milliseconds that each direction takes: half of a round trip. */
  distanceMs?: number;
}

export class Wire {
  readonly name: string;
  readonly #near: NearEnd;
  readonly #far: (from: string) => net.Socket;
  readonly #distanceMs: number;
  readonly #lines = new Set<Line>();
  /** Accepted, and not yet joined to the service. */
  readonly #arriving = new Set<net.Socket>();
  #isOpen = false;
  #records: WireConnection[] = [];
  #extraDelayMs = 0;
  #cut: Cut | undefined;
  /** What one end did that the other cannot know of while the wire is cut. */
  #untold: (() => void)[] = [];

  constructor({ name, near, far, distanceMs = 0 }: WireOptions) {
    this.name = name;
    this.#near = near;
    this.#far = far;
    this.#distanceMs = distanceMs;
  }

  /** Where whoever uses it finds it. */
  get port(): number {
    return this.#near.port;
  }

  get host(): string {
    return this.#near.host;
  }

  /** Accepts connections: the service at the other end is there. */
  async open(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    try {
      await this.#near.open((near, from) => void this.#accept(near, from));
    } catch (error) {
      this.#isOpen = false;
      throw error;
    }
  }

  /** Refuses connections and resets those that exist, as a machine without power does once it is noticed. */
  close(): void {
    this.#near.close();
    this.#isOpen = false;
    this.#untold = [];
    for (const near of this.#arriving) reset(near);
    for (const { near, far } of this.#lines) {
      reset(near);
      far.destroy();
    }
  }

  /** Packets vanish from now on; connections stay open. What was on its way arrives after `heal`, as TCP sends it again. */
  cut(what: Cut = 'both'): void {
    this.#cut = what;
  }

  /** Adds to the way in each direction. */
  delay(ms: number): void {
    this.#extraDelayMs = ms;
  }

  /** Whole and as fast as described. */
  heal(): void {
    this.#cut = undefined;
    this.#extraDelayMs = 0;
    for (const { halves } of this.#lines) for (const half of halves) half.flush();
    for (const tell of this.#untold.splice(0)) tell();
  }

  /** What it carried since the start or the last `forget`, open connections included. */
  seen(): WireRecord {
    const sum = (of: (connection: WireConnection) => number): number =>
      this.#records.reduce((total, connection) => total + of(connection), 0);
    return {
      connections: this.#records.map((record) => ({ ...record })),
      sentBytes: sum(({ sentBytes }) => sentBytes),
      answeredBytes: sum(({ answeredBytes }) => answeredBytes),
    };
  }

  forget(): void {
    this.#records = this.#records.filter(({ closedAt }) => closedAt === undefined);
  }

  get #delayMs(): number {
    return this.#distanceMs + this.#extraDelayMs;
  }

  async #accept(near: net.Socket, from: string): Promise<void> {
    const record: WireConnection = { from, openedAt: performance.now(), sentBytes: 0, answeredBytes: 0 };
    this.#records.push(record);
    this.#arriving.add(near);
    near.on('error', () => near.destroy());
    near.on('close', () => {
      this.#arriving.delete(near);
      record.closedAt = performance.now();
    });
    // SYN and its answer cross the wire too, and a cut wire carries neither.
    if (this.#delayMs > 0) await openFor(2 * this.#delayMs, near);
    if (this.#cut === 'both') await new Promise<void>((resolve) => this.#untold.push(resolve));
    if (near.destroyed) return;
    this.#arriving.delete(near);
    const far = this.#far(from);
    const delayMs = (): number => this.#delayMs;
    const there = new Half(near, far, delayMs, () => this.#cut === 'both', (bytes) => (record.sentBytes += bytes));
    const back = new Half(far, near, delayMs, () => this.#cut !== undefined, (bytes) => (record.answeredBytes += bytes));
    const line: Line = { near, far, record, halves: [there, back] };
    this.#lines.add(line);

    const forget = (): void => {
      if (near.destroyed && far.destroyed) this.#lines.delete(line);
    };
    near.on('close', () => {
      back.abandon();
      // What it said before it left in order, its end included, is still on its way.
      if (!near.readableEnded) this.#tell('both', () => far.destroy());
      forget();
    });
    near.on('error', () => this.#tell('both', () => reset(far)));
    far.on('close', (failed) => {
      there.abandon();
      if (!failed) back.finish();
      forget();
    });
    // A connection that the service refuses or resets is refused or reset for the one who asked.
    far.on('error', () => this.#tell('answers', () => reset(near)));
    near.resume();
  }

  /** Lets the other end know, now or when the wire is whole again. `needs` is the cut that would keep it from knowing. */
  #tell(needs: Cut, tell: () => void): void {
    const hidden = needs === 'both' ? this.#cut === 'both' : this.#cut !== undefined;
    if (hidden) this.#untold.push(tell);
    else tell();
  }
}

/** libuv does not reset a socket that is about to send its own end (uv_tcp_close_reset(3) after shutdown); that one is closed. */
function reset(socket: net.Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

/** Waits, but no longer than the socket is open. */
function openFor(ms: number, socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const maxQueuedBytes = 4 * 1024 * 1024;

interface Parcel {
  dueAt: number;
  /** Undefined is the end of the stream. */
  bytes: Buffer | undefined;
}

/** One direction of a connection: every byte, and the end, in order, as late as the wire is long. */
class Half {
  readonly #from: net.Socket;
  readonly #to: net.Socket;
  readonly #delayMs: () => number;
  readonly #isCut: () => boolean;
  readonly #queue: Parcel[] = [];
  #queuedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #blocked = false;
  #ended = false;
  #abandoned = false;

  constructor(from: net.Socket, to: net.Socket, delayMs: () => number, isCut: () => boolean, count: (bytes: number) => void) {
    this.#from = from;
    this.#to = to;
    this.#delayMs = delayMs;
    this.#isCut = isCut;
    from.on('data', (bytes: Buffer) => {
      count(bytes.length);
      this.#send(bytes);
    });
    from.on('end', () => this.finish());
    to.on('drain', () => {
      this.#blocked = false;
      this.flush();
    });
  }

  /** Nothing more will come; what is queued still goes out. */
  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send(undefined);
  }

  /** The other end is gone: what is queued has nowhere to go. */
  abandon(): void {
    this.#ended = true;
    this.#abandoned = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
    this.#from.resume();
  }

  /** Sends what is due; called again whenever something that stood in the way may have gone. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#queue.length > 0 && !this.#blocked && !this.#isCut()) {
      const first = this.#queue[0]!;
      const waitMs = first.dueAt - performance.now();
      if (waitMs > 0.5) {
        this.#timer = setTimeout(() => this.flush(), Math.max(1, waitMs));
        break;
      }
      this.#queue.shift();
      this.#deliver(first.bytes);
      this.#queuedBytes -= first.bytes?.length ?? 0;
    }
    if (this.#queuedBytes < maxQueuedBytes / 2 && this.#from.isPaused()) this.#from.resume();
  }

  #send(bytes: Buffer | undefined): void {
    if (this.#abandoned) return;
    const delayMs = this.#delayMs();
    // The usual case, and the reason why a wire costs little: nothing in the way, nothing to keep.
    if (delayMs === 0 && this.#queue.length === 0 && !this.#blocked && !this.#isCut()) {
      this.#deliver(bytes);
      if (this.#blocked) this.#from.pause();
      return;
    }
    const last = this.#queue.at(-1)?.dueAt ?? 0;
    this.#queue.push({ dueAt: Math.max(last, performance.now() + delayMs), bytes });
    this.#queuedBytes += bytes?.length ?? 0;
    if (this.#queuedBytes > maxQueuedBytes) this.#from.pause();
    if (!this.#timer) this.flush();
  }

  #deliver(bytes: Buffer | undefined): void {
    if (this.#to.destroyed || this.#to.writableEnded) return;
    if (bytes === undefined) this.#to.end();
    else if (!this.#to.write(bytes)) this.#blocked = true;
  }
}
