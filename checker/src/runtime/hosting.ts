// How the services of a stack are made to run: as processes of this computer (processes.ts), unless somebody brings another way.
// What a stack is, its wires and people, and the order of starting are the same in each.

import type net from 'node:net';
import type { ServiceId, StackDescription } from '../stack/description.ts';
import type { Address } from '../stack/resolve.ts';
import type { Log } from './log.ts';
import type { NearEnd } from './near-end.ts';
import type { RunningProcess } from './process.ts';
import type { RunningMachine } from './machine.ts';
import type { StackOptions } from './stack-options.ts';

export interface Hosting {
  /** Makes room for a stack. Nothing of it runs yet. */
  host(description: StackDescription, options: StackOptions): Promise<HostedStack>;
}

/** The room of one stack. */
export interface HostedStack {
  /** Where a service runs. */
  place(id: ServiceId): Place;
  /** Where a service finds another one on its own machine. */
  nearby(id: ServiceId): Address;
  /** Where the connections of machines to a service of another come in. */
  nearEnd(provider: ServiceId): Promise<NearEnd>;
  /** Whether an app sees the loopback addresses that people may have of their own. */
  readonly showsAddresses: boolean;
  /** Called before any machine is started. */
  prepare(machines: readonly RunningMachine[]): Promise<void>;
  /** Ends all of it at once, where that is quicker than machine by machine. */
  endAll(): Promise<void>;
  /** Removes what is there for it alone, when all of it has ended. */
  remove(): Promise<void>;
}

/** Where a service runs. */
export interface Place {
  /** Where it is told to listen. */
  readonly listens: Address;
  /** The port of this computer on which the checker reaches it, past every wire. */
  readonly port: number;
  /** Connects to it: the far end of its wires. @param from a loopback address of one's own, where whoever asks has one */
  dial(from?: string): net.Socket;
  /** What it runs in, where that is a container of its own. Undefined: a process of this computer. */
  readonly container?: { start(log: Log): Promise<RunningProcess> };
}
