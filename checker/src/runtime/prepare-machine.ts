// From a machine's description to a machine that can be started.

import { realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { frontOf, type MachineDescription, type ServiceId, type StackDescription } from '../stack/description.ts';
import { resolveEnvironment, type Addressing } from '../stack/resolve.ts';
import { StackError } from '../stack/stack-error.ts';
import { layOutDisk, loseDisk, type Disk } from './disk.ts';
import { learnerLines } from './learner-lines.ts';
import { Log } from './log.ts';
import { RunningMachine } from './machine.ts';
import { NginxService } from './services/nginx.ts';
import { NodeService } from './services/node.ts';
import { PostgresService } from './services/postgres.ts';
import { ProgramService } from './services/program.ts';
import type { Home, OnListening, Service } from './services/service.ts';
import { StandInService } from './services/stand-in.ts';
import type { StackOptions } from './stack-options.ts';
import type { Wire } from './wire.ts';

/** Lays out a machine's disk and makes its services, without starting any. */
export async function prepareMachine(
  stack: StackDescription,
  description: MachineDescription,
  options: StackOptions,
  addressing: Addressing,
  portOf: ReadonlyMap<string, number>,
  wires: ReadonlyMap<string, { provider: ServiceId; wire: Wire }>,
): Promise<RunningMachine> {
  const { name } = description;
  let { files } = options;
  const layOut = (): Promise<Disk> => layOutDisk(options.stackFolder, name, files);
  const machineHome: Home = { machine: name, ...(await layOut()), run: options.run };

  // A program may be told of its folder through a link, and find out where that leads.
  const disks = [options.stackFolder, realpathSync(options.stackFolder)];

  const services = description.services.map((service): Service => {
    const port = portOf.get(`${name}/${service.name}`)!;
    const log = new Log((line) => options.onLog?.(name, service, line), learnerLines(disks));
    const onListening: OnListening = async (listening) => {
      for (const { provider, wire } of wires.values()) {
        if (provider.machine !== name || provider.service !== service.name) continue;
        if (listening) await wire.open();
        else wire.close();
      }
    };
    const standIn = options.standIns?.[name];
    if (standIn && service === frontOf(description)) return new StandInService({ standIn, description: service, port, log, onListening });
    const env = (): Record<string, string> => ({ ...resolveEnvironment(stack, name, service, addressing), ...options.variables });
    const common = { home: machineHome, port, log, onListening, env };
    switch (service.kind) {
      case 'node':
        return new NodeService({ ...common, description: service, cpuShare: cpuShareOf(description) });
      case 'postgres':
        return new PostgresService({ home: machineHome, description: service, port, log, onListening, durable: options.durable ?? false });
      case 'nginx':
        return new NginxService({ ...common, description: service });
      case 'program':
        return new ProgramService({ ...common, description: service });
      case 'redis':
        throw new StackError(`machine "${name}": redis is not built into this version yet; node, nginx, program and postgres are.`);
    }
  });

  return new RunningMachine({
    description,
    services,
    folder: machineHome.folder,
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

/** A machine's size is for all that runs on it. Nobody can lend to another what they do not use: each Node program gets its part. */
function cpuShareOf({ size, services }: MachineDescription): number | undefined {
  return size === undefined ? undefined : size / services.filter(({ kind }) => kind === 'node').length;
}
