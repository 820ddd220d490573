// The two ways of running a stack, as far as addresses go: neither starts anything.

import { findMachine, findService, frontOf, type ServiceKind, type StackDescription } from '../../src/stack/description.ts';
import { resolveEnvironment, type Addressing } from '../../src/stack/resolve.ts';

export interface Place extends Addressing {
  /** `host:port` of a service as a machine sees it, by names. */
  address(consumer: string, provider: string): string;
}

/** As processes of this computer: one port for each pair of machines, the service's own within a machine. */
export function here(): Place {
  const ports = new Map<string, number>();
  const port = (what: string): number => {
    if (!ports.has(what)) ports.set(what, 20_001 + ports.size);
    return ports.get(what)!;
  };
  const portFor = (consumer: string, machine: string, service: string): number =>
    port(consumer === machine ? `${machine}/${service}` : `${consumer} → ${machine}/${service}`);
  return {
    inner: (consumer, { machine, service }) => ({ host: '127.0.0.1', port: portFor(consumer, machine, service) }),
    publicUrl: (machine) => `http://127.0.0.1:${port(`people → ${machine}`)}`,
    volumePath: (_consumer, volume) => `/dev/shm/stack/volume-${volume}`,
    address: (consumer, provider) => {
      const [machine = '', service = ''] = provider.split('/');
      return `127.0.0.1:${portFor(consumer, machine, service)}`;
    },
  };
}

const containerPorts: Record<ServiceKind, number> = { node: 3000, nginx: 8080, program: 9000, postgres: 5432, redis: 6379 };

/** As containers: machines know each other by name, and people come to ports that are published on the host. */
export function onDocker(stack: StackDescription): Place {
  const portOf = (machine: string, service: string): number => {
    const description = findService(stack, { machine, service });
    if (!description) throw new Error(`no ${service} on ${machine}`);
    return containerPorts[description.kind];
  };
  return {
    inner: (_consumer, { machine, service }) => ({ host: machine, port: portOf(machine, service) }),
    publicUrl: (name) => {
      const machine = findMachine(stack, name);
      if (!machine || !frontOf(machine)) throw new Error(`nothing on ${name} answers people`);
      return `http://localhost:${8000 + stack.machines.indexOf(machine)}`;
    },
    volumePath: (_consumer, volume) => `/volumes/${volume}`,
    address: (_consumer, provider) => {
      const [machine = '', service = ''] = provider.split('/');
      return `${machine}:${portOf(machine, service)}`;
    },
  };
}

/** By machine and service, what each is told. */
export function environments(stack: StackDescription, place: Addressing): Record<string, Record<string, string>> {
  return Object.fromEntries(
    stack.machines.flatMap(({ name, services }) =>
      services.map((service) => [`${name}/${service.name}`, resolveEnvironment(stack, name, service, place)]),
    ),
  );
}
