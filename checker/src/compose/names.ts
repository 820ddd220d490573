// What things are called on Docker, and on which port they listen there. A machine is one network: its services share it, as
// they share its disk.

import { findMachine, findService, frontOf, type MachineDescription, type ServiceId, type StackDescription } from '../stack/description.ts';
import { StackError } from '../stack/stack-error.ts';

const firstPort = { node: 3000, nginx: 8080, program: 8180, postgres: 5432, redis: 6379 };

/**
 * What Compose calls a service: by its machine's name where it is the front or the only one there, otherwise by both names, as
 * `server-postgres`.
 * @throws StackError when the stack has no such service
 */
export function composeName(description: StackDescription, id: ServiceId): string {
  const machine = machineOf(description, id);
  if (mainServiceOf(machine) === id.service) return machine.name;
  // Another machine may have this name for itself: machines come first.
  let name = `${machine.name}-${id.service}`;
  while (findMachine(description, name)) name += '-service';
  return name;
}

/** The service that has its machine's name: the front, or else the first. */
export function mainServiceOf(machine: MachineDescription): string {
  return (frontOf(machine) ?? machine.services[0])?.name ?? '';
}

/**
 * The service whose container has the machine's network; those of its others join it (`network_mode: service:…`). It has to be
 * started first, so it is a database where there is one: programs wait until those of their own machine are ready.
 */
export function networkHolderOf(machine: MachineDescription): string {
  const database = machine.services.find(({ kind }) => kind === 'postgres' || kind === 'redis');
  return (database ?? frontOf(machine) ?? machine.services[0])?.name ?? '';
}

/**
 * Where a service listens inside of its machine's network: Node.js at 3000, nginx at 8080, a program at 8180, Postgres and Redis where
 * they do everywhere; the second of a kind on a machine one further.
 * @throws StackError when the stack has no such service
 */
export function innerPort(description: StackDescription, id: ServiceId): number {
  const { services } = machineOf(description, id);
  const { kind } = findService(description, id)!;
  return firstPort[kind] + services.filter((service) => service.kind === kind).findIndex(({ name }) => name === id.service);
}

function machineOf(description: StackDescription, id: ServiceId): MachineDescription {
  const machine = findMachine(description, id.machine);
  if (machine && findService(description, id)) return machine;
  throw new StackError(`There is no ${id.service} on a machine "${id.machine}" in this stack.`);
}
