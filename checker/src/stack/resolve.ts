// Turns references into addresses, for one consumer at a time: `db.url` is another address for `api-1`
// than for `api-2`, because each pair of machines has a wire of its own.

import {
  environmentOf,
  findMachine,
  findService,
  type PostgresDescription,
  type ServiceDescription,
  type ServiceId,
  type StackDescription,
} from './description.ts';
import { StackError } from './stack-error.ts';
import { referencesIn, replaceReferences, type Reference } from './reference.ts';

export interface Address {
  host: string;
  port: number;
}

/** Where things are in one way of running a stack: as processes here, or as containers. */
export interface Addressing {
  /** Where services on the machine `consumer` reach `provider`. */
  inner(consumer: string, provider: ServiceId): Address;
  /** Where people outside reach the machine's front service, without a trailing slash. */
  publicUrl(machine: string): string;
  /** Where the machine `consumer` finds a volume. */
  volumePath(consumer: string, volume: string): string;
}

/** A connection that the stack describes: a machine that knows the address of a service elsewhere. */
export interface Link {
  consumer: string;
  provider: ServiceId;
}

/**
 * The text as services on the machine `consumer` see it.
 * @throws StackError for a reference to something that the stack does not have.
 */
export function resolveText(
  stack: StackDescription,
  consumer: string,
  text: string,
  addressing: Addressing,
): string {
  return replaceReferences(text, (reference) => {
    switch (reference.to) {
      case 'public':
        return addressing.publicUrl(reference.machine);
      case 'volume':
        return addressing.volumePath(consumer, reference.volume);
      case 'service':
        return resolveService(stack, consumer, reference, addressing);
    }
  });
}

/** The environment of a service with every reference resolved. */
export function resolveEnvironment(
  stack: StackDescription,
  consumer: string,
  service: ServiceDescription,
  addressing: Addressing,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environmentOf(service)).map(([name, text]) => [
      name,
      resolveText(stack, consumer, text, addressing),
    ]),
  );
}

/** Every pair of a machine and a service on another machine whose address it is given. */
export function linksOf(stack: StackDescription): Link[] {
  const links = new Map<string, Link>();
  const add = (consumer: string, { machine, service }: ServiceId): void => {
    if (consumer === machine) return;
    links.set(`${consumer} ${machine}/${service}`, { consumer, provider: { machine, service } });
  };
  for (const { name: consumer, services } of stack.machines) {
    for (const service of services) {
      for (const text of Object.values(environmentOf(service))) {
        for (const reference of referencesIn(text)) {
          if (reference.to === 'service') add(consumer, reference);
        }
      }
      if (service.kind === 'postgres' && service.replicaOf !== undefined) {
        const primary = findMachine(stack, service.replicaOf)?.services.find(({ kind }) => kind === 'postgres');
        if (primary) add(consumer, { machine: service.replicaOf, service: primary.name });
      }
    }
  }
  return [...links.values()];
}

/** The standby's settings are its primary's: it is a copy, down to the roles and passwords. */
export function credentialsOf(stack: StackDescription, service: PostgresDescription): PostgresDescription {
  const seen = new Set<string>();
  let current = service;
  while (current.replicaOf !== undefined && !seen.has(current.replicaOf)) {
    seen.add(current.replicaOf);
    const primary = findMachine(stack, current.replicaOf)?.services.find(
      (candidate) => candidate.kind === 'postgres',
    );
    if (!primary) break;
    current = primary;
  }
  return current;
}

function resolveService(
  stack: StackDescription,
  consumer: string,
  reference: Extract<Reference, { to: 'service' }>,
  addressing: Addressing,
): string {
  const service = findService(stack, reference);
  if (!service) throw new StackError(`"${consumer}" refers to ${reference.service} on "${reference.machine}", which is not there.`);
  const { host, port } = addressing.inner(consumer, reference);
  switch (reference.field) {
    case 'host':
      return host;
    case 'port':
      return String(port);
    case 'address':
      return `${host}:${port}`;
  }
  if (service.kind === 'postgres') {
    const { user, password, database } = credentialsOf(stack, service);
    const encode = encodeURIComponent;
    const fields: Record<string, string> = {
      user,
      password,
      database,
      url: `postgres://${encode(user)}:${encode(password)}@${host}:${port}/${encode(database)}`,
    };
    const value = fields[reference.field];
    if (value !== undefined) return value;
  } else if (reference.field === 'url') {
    return `${service.kind === 'redis' ? 'redis' : 'http'}://${host}:${port}`;
  }
  throw new StackError(`A ${service.kind} has no "${reference.field}".`);
}

