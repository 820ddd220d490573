// The checker's side of the door (door.mjs): where the wires of a stack on Docker begin and end.

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import type { NearEnd } from '../runtime/near-end.ts';
import { until } from '../runtime/until.ts';
import type { Address } from '../stack/resolve.ts';

/** The program that runs on the other side. */
export const doorProgram = fileURLToPath(new URL('door.mjs', import.meta.url));
/** Where it waits for the checker, in its container. */
export const doorPort = 4000;

const patienceMs = 20_000;

export class Door {
  /** Nobody but the checker knows it: containers of the stack reach this port as well. */
  readonly secret = randomBytes(12).toString('hex');
  /** Where machines find it. */
  readonly #inside: string;
  #at: Address | undefined;
  #control: net.Socket | undefined;
  #nextPort: number;
  readonly #accepts = new Map<number, (near: net.Socket, from: string) => void>();
  /** Whoever waits for the door to say so. */
  readonly #awaited = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  readonly #shutting = new AbortController();

  /**
   * @param inside its address on the network of the stack
   * @param port its own there; those of wires follow
   */
  constructor(inside: string, port = doorPort) {
    this.#inside = inside;
    this.#nextPort = port;
  }

  /** Connects to it, as soon as its program listens. @param at where it is reached from here @throws TimeoutError */
  async open(at: Address): Promise<void> {
    this.#at = at;
    const { signal } = this.#shutting;
    this.#control = await until('the door of the stack to open', () => this.#tryControl(), { timeoutMs: patienceMs, everyMs: 10, signal });
  }

  /** Nothing goes through it any more. */
  shut(): void {
    this.#shutting.abort();
    this.#control?.destroy();
    for (const { reject } of this.#awaited.values()) reject(new Error('The door of the stack is shut.'));
    this.#awaited.clear();
  }

  /** A port of it for one wire. */
  nearEnd(): NearEnd {
    this.#nextPort += 1;
    const port = this.#nextPort;
    return {
      host: this.#inside,
      port,
      open: async (accept) => {
        this.#accepts.set(port, accept);
        await this.#order(`listen ${port}`, `listening ${port}`);
      },
      close: () => {
        this.#accepts.delete(port);
        this.#order(`refuse ${port}`, `refused ${port}`).catch(() => undefined);
      },
    };
  }

  /** A connection to a service of the stack. */
  dial({ host, port }: Address): net.Socket {
    return this.#begin(`dial ${host} ${port}`);
  }

  /** @param told called when the door has the line, if it comes to that */
  #begin(line: string, told?: () => void): net.Socket {
    if (!this.#at || this.#shutting.signal.aborted) {
      const nobody = new net.Socket();
      process.nextTick(() => nobody.destroy(new Error('The door of the stack is shut.')));
      return nobody;
    }
    const socket = net.connect({ ...this.#at, allowHalfOpen: true, noDelay: true });
    socket.write(`${this.secret} ${line}\n`, (error) => {
      if (!error) told?.();
    });
    return socket;
  }

  /** A door is a process that begins; and Docker accepts connections to what does not listen yet, and ends them. */
  #tryControl(): Promise<net.Socket | undefined> {
    const control = this.#begin('control');
    return new Promise((resolve) => {
      let rest = '';
      control.on('error', () => control.destroy());
      control.once('close', () => resolve(undefined));
      control.setEncoding('latin1').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line === 'welcome') resolve(control);
          else this.#hear(line);
        }
      });
    });
  }

  #hear(line: string): void {
    const [word, ...rest] = line.split(' ');
    if (word !== 'accepted') {
      const [port = ''] = rest;
      if (word === 'failed') this.#settle(`listening ${port}`, new Error(`The door of the stack cannot listen on ${rest.join(' ')}`));
      else this.#settle(line);
      return;
    }
    const [port, number, from = ''] = rest;
    const accept = this.#accepts.get(Number(port));
    // Handed over when the door has been told: a reset before would become an end, which goes out with what is still to be sent.
    const near = this.#begin(`take ${number}`, () => {
      // It was accepted in the moment in which the wire was closed.
      if (accept) accept(near, from);
      else near.destroy();
    });
    near.pause();
    near.on('error', () => near.destroy());
    near.once('close', () => {
      if (!near.readableEnded) this.#control?.write(`drop ${number}\n`);
    });
  }

  #order(order: string, answer: string): Promise<void> {
    if (!this.#control || this.#shutting.signal.aborted) return Promise.reject(new Error('The door of the stack is shut.'));
    this.#control.write(`${order}\n`);
    return new Promise((resolve, reject) => {
      this.#awaited.get(answer)?.resolve();
      this.#awaited.set(answer, { resolve, reject });
    });
  }

  #settle(answer: string, error?: Error): void {
    const awaited = this.#awaited.get(answer);
    this.#awaited.delete(answer);
    if (error) awaited?.reject(error);
    else awaited?.resolve();
  }
}
