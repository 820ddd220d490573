// Who comes first: in the file, in the order in which a request meets the machines; when they start, those that others need.

import { environmentOf, findMachine, findService, frontOf, type MachineDescription, type ServiceDescription, type ServiceId, type StackDescription } from '../stack/description.ts';
import { referencesIn } from '../stack/reference.ts';
import { linksOf } from '../stack/resolve.ts';
import { composeName, networkHolderOf } from './names.ts';
import { publishedMachines } from './networks.ts';
import { commandWithoutImage, volumesIn } from './services.ts';

/** Entrances first, then those that they know, and so on; at last those that nobody knows. */
export function inOrderOfRequests(stack: StackDescription): MachineDescription[] {
  const links = linksOf(stack);
  const order = new Set(publishedMachines(stack));
  for (const machine of order) {
    // In a set, what is added while it is gone through is gone through as well.
    for (const { consumer, provider } of links) if (consumer === machine.name) order.add(findMachine(stack, provider.machine)!);
  }
  for (const machine of stack.machines) order.add(machine);
  return [...order];
}

export interface Wait {
  /** What Compose calls it. */
  name: string;
  condition: 'service_healthy' | 'service_started' | 'service_completed_successfully';
  /** Started again whenever that is: its network is gone with it. */
  restart?: true;
}

/** What a service has to wait for. Machines that need each other cannot wait for each other: then neither does. */
export function waitsOf(stack: StackDescription, machine: MachineDescription, service: ServiceDescription): Wait[] {
  const holder = networkHolderOf(machine);
  const waits = new Map<string, Wait>();
  const add = (id: ServiceId): void => {
    const other = findService(stack, id);
    if (!other) return;
    const name = composeName(stack, id);
    const isHolder = id.machine === machine.name && id.service === holder;
    waits.set(name, {
      name,
      condition: commandWithoutImage(other) === undefined ? 'service_healthy' : 'service_started',
      ...(isHolder && { restart: true as const }),
    });
  };
  if (service.name !== holder) {
    add({ machine: machine.name, service: holder });
    if (service === frontOf(machine) || service.kind === 'node') {
      for (const { name, kind } of machine.services) if (kind === 'postgres' || kind === 'redis') add({ machine: machine.name, service: name });
    }
  }
  for (const text of Object.values(environmentOf(service))) {
    for (const reference of referencesIn(text)) {
      if (reference.to === 'service' && !needs(stack, reference.machine, machine.name)) add(reference);
    }
  }
  if (service.kind === 'postgres' && service.replicaOf !== undefined) {
    const primary = findMachine(stack, service.replicaOf)?.services.find(({ kind }) => kind === 'postgres');
    if (primary) add({ machine: service.replicaOf, service: primary.name });
  }
  for (const volume of volumesIn(stack, service)) waits.set(volume, { name: volumeServiceName(stack, volume), condition: 'service_completed_successfully' });
  return [...waits.values()];
}

/** The service that hands a new volume over to those who write to it. */
export function volumeServiceName(stack: StackDescription, volume: string): string {
  let name = `volume-${volume}`;
  while (findMachine(stack, name)) name = `the-${name}`;
  return name;
}

/** Whether a machine needs another, directly or through others. A machine needs itself. */
function needs(stack: StackDescription, machine: string, other: string): boolean {
  const links = linksOf(stack);
  const seen = new Set([machine]);
  for (const each of seen) for (const { consumer, provider } of links) if (consumer === each) seen.add(provider.machine);
  return seen.has(other);
}
