// A stack on Docker: each service in a container that Compose makes from a file. They are started, killed and paused one by one.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../runtime/cache.ts';
import { ContainerProcess } from '../runtime/containers/container-process.ts';
import { askDocker } from '../runtime/containers/docker-api.ts';
import { docker, requireEngine, requireImages, sweepLeftovers } from '../runtime/containers/engine.ts';
import { images } from '../runtime/containers/images.ts';
import { noteDocker } from '../runtime/containers/remains.ts';
import type { HostedStack, Hosting, Place } from '../runtime/hosting.ts';
import { Log } from '../runtime/log.ts';
import type { RunningMachine } from '../runtime/machine.ts';
import type { Launch } from '../runtime/services/service.ts';
import { dialLoopback, ListeningEnd, loopback } from '../runtime/near-end.ts';
import { MissingProgram } from '../runtime/programs.ts';
import type { StackOptions } from '../runtime/stack-options.ts';
import { Wire } from '../runtime/wire.ts';
import { cpuShareOf, findMachine, frontOf, type ServiceDescription, type ServiceId, type StackDescription } from '../stack/description.ts';
import { checksFile, type ContainedService } from './checks-file.ts';
import { Door, doorPort } from './door.ts';
import { composeName, innerPort } from './names.ts';
import { takeNetwork, type StackNetwork } from './stack-network.ts';

const everywhere = '0.0.0.0';
const doorName = 'wires';
const timeoutMs = 60_000;

let stacks = 0;
let swept: Promise<unknown> | undefined;

/** @throws EngineProblem, MissingProgram when Docker is not as it has to be */
export const containers: Hosting = {
  async host(description, options) {
    const { isRootless } = await requireEngine();
    if (isRootless) {
      throw new MissingProgram('Docker runs without root here, and the disks of machines would be of users that this computer does not know.', 'docker context use default, if there is an engine with root as well; without --docker nothing needs one');
    }
    // What a killed run left may have the addresses that are wanted now.
    swept ??= sweepLeftovers();
    await Promise.all([swept, requireImages([images.node, ...new Set(servicesOf(description, options).map(({ service }) => imageOf(service)))]), noteDocker(options.run.path)]);
    return ContainedStack.lay(description, options);
  },
};

interface Contained extends Place {
  address: string;
  /** Undefined for a stand-in of the checker's. */
  name: string | undefined;
}

class ContainedStack implements HostedStack {
  readonly showsAddresses = false;
  readonly #description: StackDescription;
  readonly #options: StackOptions;
  readonly #network: StackNetwork;
  readonly #project: string;
  readonly #door: Door;
  readonly #doorPort: number;
  readonly #ports: number[];
  readonly #places = new Map<string, Contained>();
  /** Ways of the checker's own past every wire, for who dials a port and not a place. */
  readonly #ways: Wire[] = [];

  private constructor(description: StackDescription, options: StackOptions, network: StackNetwork, ports: number[]) {
    stacks += 1;
    this.#description = description;
    this.#options = options;
    this.#network = network;
    this.#project = `graminsta-${options.run.id}-${stacks}`;
    this.#door = new Door(network.address(2));
    this.#ports = ports;
    this.#doorPort = ports[0]!;
    for (const [index, { id, service }] of allServices(description).entries()) {
      const port = ports[index + 1]!;
      this.#places.set(`${id.machine}/${id.service}`, isStandIn(description, options, id) ? standInPlace(port) : this.#placeOf(id, service, port, network.address(index + 3)));
    }
  }

  static async lay(description: StackDescription, options: StackOptions): Promise<ContainedStack> {
    const ports: number[] = [];
    for (let count = 0; count <= allServices(description).length; count += 1) ports.push(await options.ports.take());
    return new ContainedStack(description, options, takeNetwork(options.ports), ports);
  }

  place({ machine, service }: ServiceId): Contained {
    return this.#places.get(`${machine}/${service}`)!;
  }

  nearby(id: ServiceId): { host: string; port: number } {
    const { address, listens } = this.place(id);
    return { host: address, port: listens.port };
  }

  nearEnd(): Promise<ReturnType<Door['nearEnd']>> {
    return Promise.resolve(this.#door.nearEnd());
  }

  async prepare(machines: readonly RunningMachine[]): Promise<void> {
    const file = path.join(this.#options.stackFolder, 'compose.json');
    const services = await Promise.all(machines.flatMap((machine) => machine.services.flatMap((service) => {
      const id = { machine: machine.name, service: service.description.name };
      const { name, address } = this.place(id);
      return name === undefined || !service.launch ? [] : [this.#contained(id, service.description, name, address, service.launch())];
    })));
    const door = { name: doorName, address: this.#network.address(2), secret: this.#door.secret, publishedPort: this.#doorPort };
    await writeFile(file, checksFile({ project: this.#project, run: this.#options.run, network: this.#network, door, services }));
    // Not by the package docker-compose, which waits for half a second after each command.
    await docker(['compose', '--file', file, '--project-name', this.#project, 'create', '--no-build'], { timeoutMs });
    await ContainerProcess.follow({ id: this.#container(doorName), log: new Log(), run: this.#options.run, start: true });
    const { isLocal } = await requireEngine();
    await this.#door.open(isLocal ? { host: this.#network.address(2), port: doorPort } : { host: loopback, port: this.#doorPort });
    await Promise.all(this.#ways.map((way) => way.open()));
  }

  async endAll(): Promise<void> {
    this.#door.shut();
    for (const way of this.#ways) way.close();
    const filters = JSON.stringify({ label: [`com.docker.compose.project=${this.#project}`] });
    const all = await askDocker<{ Id: string }[]>({ method: 'GET', path: '/containers/json', query: { all: 'true', filters }, timeoutMs });
    // What cannot be removed now is the reaper's.
    await Promise.all(all.map(({ Id: id }) => askDocker({ method: 'DELETE', path: `/containers/${id}`, query: { force: 'true', v: 'true' }, timeoutMs }).catch(() => undefined)));
  }

  async remove(): Promise<void> {
    await askDocker({ method: 'DELETE', path: `/networks/${this.#project}_machines`, timeoutMs }).catch(() => undefined);
    this.#network.giveBack();
    this.#options.ports.giveBack(this.#ports);
  }

  async #contained(id: ServiceId, description: ServiceDescription, name: string, address: string, launch: Promise<Launch>): Promise<ContainedService> {
    const { stackFolder, files } = this.#options;
    const machine = path.join(stackFolder, id.machine);
    const volumes = (await readdir(stackFolder)).filter((entry) => entry.startsWith('volume-')).map((entry) => path.join(stackFolder, entry));
    const compiled = path.join(cacheFolder(), 'compiled');
    await mkdir(compiled, { recursive: true });
    const packages = description.kind === 'node' ? [files.ownPackages, files.sharedPackages].flatMap((folder) => folder ?? []) : [];
    return {
      name,
      description,
      image: imageOf(description),
      launch: await launch,
      address,
      workingFolder: description.kind === 'postgres' ? machine : path.join(machine, 'files'),
      folders: [machine, ...volumes, ...(description.kind === 'node' ? [compiled] : [])],
      readOnly: [...new Set(packages)],
      cpus: description.kind === 'node' ? cpuShareOf(findMachine(this.#description, id.machine)!) : undefined,
    };
  }

  #placeOf(id: ServiceId, service: ServiceDescription, port: number, address: string): Contained {
    const listens = { host: everywhere, port: innerPort(this.#description, id) };
    const name = composeName(this.#description, id);
    const dial = (): ReturnType<Door['dial']> => this.#door.dial({ host: address, port: listens.port });
    if (service.kind === 'postgres' || service.kind === 'redis') this.#ways.push(new Wire({ name: `the checker → ${name}`, near: new ListeningEnd(port), far: dial }));
    return {
      listens,
      port,
      address,
      name,
      dial,
      container: { start: (log) => ContainerProcess.follow({ id: this.#container(name), log, run: this.#options.run, start: true }) },
    };
  }

  #container(name: string): string {
    return `${this.#project}-${name}-1`;
  }
}

function allServices({ machines }: StackDescription): { id: ServiceId; service: ServiceDescription }[] {
  return machines.flatMap(({ name: machine, services }) => services.map((service) => ({ id: { machine, service: service.name }, service })));
}

function servicesOf(description: StackDescription, options: StackOptions): { id: ServiceId; service: ServiceDescription }[] {
  return allServices(description).filter(({ id }) => !isStandIn(description, options, id));
}

function isStandIn(description: StackDescription, { standIns }: StackOptions, { machine, service }: ServiceId): boolean {
  return standIns?.[machine] !== undefined && frontOf(findMachine(description, machine)!)?.name === service;
}

/** It runs in the checker's own process. */
function standInPlace(port: number): Contained {
  return { listens: { host: loopback, port }, port, address: loopback, name: undefined, dial: () => dialLoopback(port) };
}

/** @throws MissingProgram for a program that no image is known for */
function imageOf(service: ServiceDescription): string {
  if (service.kind !== 'program') return images[service.kind];
  throw new MissingProgram(`Which image has ${service.command[0]} is not known, so it does not run on Docker.`, 'run it without --docker');
}
