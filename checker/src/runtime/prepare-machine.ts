// From a machine's description to a machine that can be started.

import { realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { cpuShareOf, findMachine, frontOf, type MachineDescription, type PostgresDescription, type ServiceId, type StackDescription } from '../stack/description.ts';
import { credentialsOf, resolveEnvironment, type Addressing } from '../stack/resolve.ts';
import type { HostedStack } from './hosting.ts';
import { layOutDisk, loseDisk, type Disk } from './disk.ts';
import { learnerLines } from './learner-lines.ts';
import { Log } from './log.ts';
import { RunningMachine } from './machine.ts';
import { NginxService } from './services/nginx.ts';
import { NodeService } from './services/node.ts';
import { PostgresService, type PostgresServiceOptions } from './services/postgres.ts';
import { ProgramService } from './services/program.ts';
import { RedisService } from './services/redis.ts';
import type { Home, OnListening, Service } from './services/service.ts';
import { StandInService } from './services/stand-in.ts';
import type { StackOptions } from './stack-options.ts';
import type { Wire } from './wire.ts';

/** What the machines of a stack have in common. */
export interface Surroundings {
  stack: StackDescription;
  options: StackOptions;
  addressing: Addressing;
  hosted: Pick<HostedStack, 'place'>;
  wires: ReadonlyMap<string, { provider: ServiceId; wire: Wire }>;
  /** The Postgres on another machine, which may be made later. */
  postgresOn: (machine: string) => PostgresService;
}

/** Lays out a machine's disk and makes its services, without starting any. */
export async function prepareMachine(
  description: MachineDescription,
  { stack, options, addressing, hosted, wires, postgresOn }: Surroundings,
): Promise<RunningMachine> {
  const { name } = description;
  let { files } = options;
  const layOut = (): Promise<Disk> => layOutDisk(options.stackFolder, name, files);
  const machineHome: Home = { machine: name, ...(await layOut()), run: options.run };

  // A program may be told of its folder through a link, and find out where that leads.
  const disks = [options.stackFolder, realpathSync(options.stackFolder)];

  const services = description.services.map((service): Service => {
    const place = hosted.place({ machine: name, service: service.name });
    const log = new Log((line) => options.onLog?.(name, service, line), learnerLines(disks));
    const onListening: OnListening = async (listening) => {
      for (const { provider, wire } of wires.values()) {
        if (provider.machine !== name || provider.service !== service.name) continue;
        if (listening) await wire.open();
        else wire.close();
      }
    };
    const standIn = options.standIns?.[name];
    if (standIn && service === frontOf(description)) return new StandInService({ standIn, description: service, port: place.port, log, onListening });
    const env = (): Record<string, string> => ({ ...resolveEnvironment(stack, name, service, addressing), ...options.variables });
    const common = { home: machineHome, place, log, onListening, env };
    const durable = options.durable ?? false;
    switch (service.kind) {
      case 'node':
        return new NodeService({ ...common, description: service, cpuShare: cpuShareOf(description) });
      case 'postgres':
        return new PostgresService({ home: machineHome, description: service, place, log, onListening, durable, ...partOf(stack, name, service, addressing, postgresOn) });
      case 'nginx':
        return new NginxService({ ...common, description: service });
      case 'program':
        return new ProgramService({ ...common, description: service });
      case 'redis':
        return new RedisService({ ...common, description: service, durable });
    }
  });

  return new RunningMachine({
    description,
    services,
    folder: machineHome.folder,
    filesFolder: machineHome.filesFolder,
    emptyTemporary: async () => {
      await rm(machineHome.temporaryFolder, { recursive: true, force: true });
      await mkdir(machineHome.temporaryFolder, { recursive: true });
    },
    newFiles: async (changed) => {
      files = changed;
      await layOut();
    },
    newDisk: async () => {
      await loseDisk(options.stackFolder, name);
      await layOut();
    },
  });
}

/** The part that a Postgres plays among others: primary, standby, or a standby that is followed itself. */
function partOf(
  stack: StackDescription,
  machine: string,
  service: PostgresDescription,
  addressing: Addressing,
  postgresOn: (machine: string) => PostgresService,
): Pick<PostgresServiceOptions, 'login' | 'follows' | 'isFollowed'> {
  const isFollowed = stack.machines.some(({ services }) => services.some((other) => other.kind === 'postgres' && other.replicaOf === machine));
  const login = credentialsOf(stack, service);
  const { replicaOf } = service;
  const followed = replicaOf === undefined ? undefined : postgresOf(stack, replicaOf);
  if (replicaOf === undefined || !followed) return { login, isFollowed };
  const address = addressing.inner(machine, { machine: replicaOf, service: followed.name });
  return { login, isFollowed, follows: { address, primary: () => postgresOn(headOf(stack, replicaOf)) } };
}

/** The machine at the head of a chain of standbys. */
function headOf(stack: StackDescription, machine: string): string {
  const next = postgresOf(stack, machine)?.replicaOf;
  return next === undefined ? machine : headOf(stack, next);
}

function postgresOf(stack: StackDescription, machine: string): PostgresDescription | undefined {
  return findMachine(stack, machine)?.services.find((service) => service.kind === 'postgres');
}
