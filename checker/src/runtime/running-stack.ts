// A stack that runs on this computer: every machine a folder and some programs, every link a wire.

import { mkdir, rm } from 'node:fs/promises';
import {
  findMachine,
  frontOf,
  type Region,
  type ServiceId,
  type StackDescription,
} from '../stack/description.ts';
import { linksOf, type Addressing } from '../stack/resolve.ts';
import { StackError } from '../stack/stack-error.ts';
import type { HostedStack } from './hosting.ts';
import type { RunningMachine } from './machine.ts';
import { MemoryGuard } from './memory-guard.ts';
import { ListeningEnd, type NearEnd } from './near-end.ts';
import { prepareMachine, type Surroundings } from './prepare-machine.ts';
import { processes } from './processes.ts';
import { distanceMs } from './regions.ts';
import { PostgresService } from './services/postgres.ts';
import type { Service } from './services/service.ts';
import type { StackOptions } from './stack-options.ts';
import type { StepFiles } from './step-files.ts';
import { Wire } from './wire.ts';

/** Who connects over a wire: a machine, or people of a region. */
const people = (region: Region): string => `people in ${region}`;
const home: Region = 'us';

export class RunningStack {
  readonly description: StackDescription;
  readonly machines: ReadonlyMap<string, RunningMachine>;
  readonly #options: StackOptions;
  readonly #wires: Map<string, { consumer: string; provider: ServiceId; wire: Wire }>;
  readonly #hosted: HostedStack;
  /** Those of people's wires. */
  readonly #ports: number[];
  readonly #guard: MemoryGuard;

  private constructor(
    description: StackDescription,
    options: StackOptions,
    machines: Map<string, RunningMachine>,
    wires: Map<string, { consumer: string; provider: ServiceId; wire: Wire }>,
    hosted: HostedStack,
    ports: number[],
  ) {
    this.description = description;
    this.machines = machines;
    this.#options = options;
    this.#wires = wires;
    this.#hosted = hosted;
    this.#ports = ports;
    this.#guard = new MemoryGuard([...machines.values()]);
  }

  /**
   * Starts a stack: machines that others need first, those that do not need each other at the same time.
   * @throws StackError, SourceError, StartFailure; nothing is left running then.
   */
  static start(description: StackDescription, options: StackOptions): Promise<RunningStack> {
    return RunningStack.#begin(description, options, (stack) => stack.#startAll());
  }

  /**
   * Starts only what needs none of the learner's code, on disks of its own: databases that are warm when `complete` is called.
   * @throws StartFailure; nothing is left running then.
   */
  static warm(description: StackDescription, options: StackOptions): Promise<RunningStack> {
    return RunningStack.#begin(description, options, (stack) => stack.#inOrder((machine) => machine.warm()));
  }

  /** Starts the rest of a warm stack, with the learner's files as they are by now. @throws as `start` */
  async complete(files: StepFiles): Promise<void> {
    try {
      await Promise.all([...this.machines.values()].map((machine) => machine.newFiles(files)));
      await this.#startAll();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** @throws StackError when there is none of this name. */
  machine(name: string): RunningMachine {
    const machine = this.machines.get(name);
    if (!machine) throw new StackError(`There is no machine "${name}" in this stack.`);
    return machine;
  }

  /** The wire from a machine to another. @throws StackError when the one does not know the other's address. */
  wire(consumer: string, provider: string): Wire {
    const wires = this.wiresBetween(consumer, provider);
    if (!wires[0]) throw new StackError(`"${consumer}" does not know the address of anything on "${provider}".`);
    return wires[0];
  }

  /** Every wire from a machine to another; none when the one knows no address of the other. */
  wiresBetween(consumer: string, provider: string): Wire[] {
    return [...this.#wires.values()]
      .filter((entry) => entry.consumer === consumer && entry.provider.machine === provider)
      .map(({ wire }) => wire);
  }

  /** Every wire that ends at a machine, but for those of people. */
  wiresTo(provider: string): Wire[] {
    return [...this.#wires.values()]
      .filter((entry) => entry.provider.machine === provider && this.machines.has(entry.consumer))
      .map(({ wire }) => wire);
  }

  /** The wire by which people of a region reach a machine. @throws StackError when no machine of this stack is in that region: nobody is thought of there. */
  wireOfPeople(machine: string, region: Region = home): Wire {
    if (!inhabitedRegions(this.description).has(region)) throw nobodyIn(region);
    return this.wire(people(region), machine);
  }

  /** The machine behind an entrance, for people of a region. */
  entranceMachine(entrance: string, region: Region = home): string {
    const target = this.description.entrances[entrance];
    const machine = typeof target === 'string' ? target : target?.[region];
    if (machine === undefined) throw new StackError(`There is no entrance "${entrance}" for people in ${region}.`);
    return machine;
  }

  /** Where people of a region come in: an address to dial. */
  entrance(name: string, region: Region = home): { host: string; port: number; url: string } {
    const { port } = this.wireOfPeople(this.entranceMachine(name, region), region);
    return { host: '127.0.0.1', port, url: `http://127.0.0.1:${port}` };
  }

  /**
   * The address of a machine that apps tell people, wherever they are: `publicUrl` in stack.ts. It leads over the wire of people in
   * `us`, unless the options say that whoever dials it is somewhere else.
   */
  publicUrl(machine: string): string {
    return `http://127.0.0.1:${this.wireOfPeople(machine, this.#options.visitorsIn).port}`;
  }

  /**
   * Every public address, and where people of a region reach what it names: over wires of their own. In `us` each is its own way.
   * @throws StackError as `wireOfPeople`
   */
  publicWays(region: Region = home): ReadonlyMap<string, string> {
    const fronts = this.description.machines.filter((machine) => frontOf(machine) !== undefined);
    return new Map(fronts.map(({ name }) => [this.publicUrl(name), `http://127.0.0.1:${this.wireOfPeople(name, region).port}`]));
  }

  /** Whether an app sees the loopback addresses that people may have of their own. */
  get showsAddresses(): boolean {
    return this.#hosted.showsAddresses;
  }

  /** The Postgres on a machine, for a look from the machine itself. */
  postgres(machine: string): PostgresService {
    return postgresOn(this.machine(machine));
  }

  /** Everything back as described: wires whole, machines on. @throws StartFailure */
  async heal(): Promise<void> {
    for (const { wire } of this.#wires.values()) wire.heal();
    await Promise.all([...this.machines.values()].map((machine) => machine.resume()));
    await this.#startAll([]);
  }

  /**
   * Ends everything at once, and its disks go unless they are durable. With a grace, in order and by SIGTERM.
   * @returns what ignored SIGTERM
   */
  async stop({ graceMs = 0 }: { graceMs?: number } = {}): Promise<Service[]> {
    this.#guard.close();
    const machines = [...this.machines.values()];
    const killed = graceMs > 0 ? (await Promise.all(machines.map((machine) => machine.stop(graceMs)))).flat() : [];
    await this.#hosted.endAll();
    await Promise.all(machines.map((machine) => machine.retire()));
    for (const { wire } of this.#wires.values()) wire.close();
    await this.#hosted.remove();
    this.#options.ports.giveBack(this.#ports);
    await removeDisks(this.#options);
    return killed;
  }

  #startAll(off = this.#options.off ?? []): Promise<void> {
    return this.#inOrder(async (machine, first) => {
      if (off.includes(machine.name)) return;
      await machine.start({ wait: !first.some((provider) => off.includes(provider)) });
    });
  }

  /** Does it with each machine, after it is done with those that the machine needs first. */
  async #inOrder(work: (machine: RunningMachine, first: readonly string[]) => Promise<void>): Promise<void> {
    const providers = new Map<string, Set<string>>(this.description.machines.map(({ name }) => [name, new Set()]));
    for (const { consumer, provider } of linksOf(this.description)) providers.get(consumer)?.add(provider.machine);
    const needs = (machine: string, other: string, seen = new Set<string>()): boolean =>
      [...(providers.get(machine) ?? [])].some(
        (next) => next === other || (!seen.has(next) && needs(next, other, seen.add(next))),
      );

    const started = new Map<string, Promise<void>>();
    const start = (name: string): Promise<void> => {
      const known = started.get(name);
      if (known) return known;
      const promise = (async () => {
        // Two machines that need each other cannot wait for each other.
        const first = [...(providers.get(name) ?? [])].filter((provider) => !needs(provider, name));
        await Promise.all(first.map(start));
        await work(this.machine(name), first);
      })();
      started.set(name, promise);
      return promise;
    };
    const outcomes = await Promise.allSettled(this.description.machines.map(({ name }) => start(name)));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure) throw failure.reason;
  }

  static async #begin(description: StackDescription, options: StackOptions, start: (stack: RunningStack) => Promise<void>): Promise<RunningStack> {
    let stack: RunningStack | undefined;
    try {
      stack = await RunningStack.#prepare(description, options);
      await start(stack);
      return stack;
    } catch (error) {
      if (stack) await stack.stop();
      else await removeDisks(options);
      throw error;
    }
  }

  static async #prepare(description: StackDescription, options: StackOptions): Promise<RunningStack> {
    const { visitorsIn = home, hosting = processes } = options;
    const regions = inhabitedRegions(description);
    if (!regions.has(visitorsIn)) throw nobodyIn(visitorsIn);
    const hosted = await hosting.host(description, options);
    try {
      return await RunningStack.#inside(hosted, description, { ...options, visitorsIn }, regions);
    } catch (error) {
      await hosted.endAll();
      await hosted.remove();
      throw error;
    }
  }

  static async #inside(hosted: HostedStack, description: StackDescription, options: StackOptions & { visitorsIn: Region }, regions: Set<Region>): Promise<RunningStack> {
    const ports: number[] = [];
    const wires = new Map<string, { consumer: string; provider: ServiceId; wire: Wire }>();
    const addWire = (consumer: string, from: Region, provider: ServiceId, near: NearEnd): void => {
      const to = findMachine(description, provider.machine)?.region ?? home;
      const wire = new Wire({
        name: `${consumer} → ${provider.machine}`,
        near,
        far: (address) => hosted.place(provider).dial(address),
        distanceMs: regions.size > 1 ? distanceMs(from, to) : 0,
      });
      wires.set(`${consumer} ${provider.machine}/${provider.service}`, { consumer, provider, wire });
    };
    for (const { consumer, provider } of linksOf(description)) {
      addWire(consumer, findMachine(description, consumer)?.region ?? home, provider, await hosted.nearEnd(provider));
    }
    for (const machine of description.machines) {
      const front = frontOf(machine);
      if (!front) continue;
      for (const region of regions) {
        const port = await options.ports.take();
        ports.push(port);
        addWire(people(region), region, { machine: machine.name, service: front.name }, new ListeningEnd(port));
      }
    }

    const addressing: Addressing = {
      inner: (consumer, provider) => {
        if (consumer === provider.machine) return hosted.nearby(provider);
        const { host, port } = wires.get(`${consumer} ${provider.machine}/${provider.service}`)!.wire;
        return { host, port };
      },
      publicUrl: (machine) => `http://127.0.0.1:${[...wires.values()].find((entry) => entry.consumer === people(options.visitorsIn) && entry.provider.machine === machine)!.wire.port}`,
      volumePath: (_consumer, volume) => `${options.stackFolder}/volume-${volume}`,
    };

    for (const volume of description.volumes) await mkdir(addressing.volumePath('', volume), { recursive: true });

    const machines = new Map<string, RunningMachine>();
    const surroundings: Surroundings = { stack: description, options, addressing, hosted, wires, postgresOn: (name) => postgresOn(machines.get(name)!) };
    for (const machine of description.machines) {
      machines.set(machine.name, await prepareMachine(machine, surroundings));
    }
    await hosted.prepare([...machines.values()]);
    return new RunningStack(description, options, machines, wires, hosted, ports);
  }
}

/** Where people are: at home, and wherever there is a machine. */
function inhabitedRegions({ machines }: StackDescription): Set<Region> {
  return new Set([home, ...machines.map(({ region }) => region)]);
}

function nobodyIn(region: Region): StackError {
  return new StackError(`There are no people in ${region}: no machine of this stack is in that region. A machine is placed there by its second argument: machine('…', { region: '${region}' }).`);
}

function postgresOn(machine: RunningMachine): PostgresService {
  const service = machine.services.find((candidate) => candidate instanceof PostgresService);
  if (!service) throw new StackError(`There is no Postgres on "${machine.name}".`);
  return service;
}

async function removeDisks({ durable, stackFolder }: StackOptions): Promise<void> {
  if (!durable) await rm(stackFolder, { recursive: true, force: true, maxRetries: 5 });
}
