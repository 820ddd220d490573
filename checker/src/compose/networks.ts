// Who can reach whom on Docker: a private network for what one machine offers to others, with nobody in it but those that were
// told its address. What a machine was not told, it cannot find.

import { findMachine, frontOf, type MachineDescription, type StackDescription } from '../stack/description.ts';
import { referencesIn } from '../stack/reference.ts';
import { linksOf } from '../stack/resolve.ts';

export interface PrivateNetwork {
  name: string;
  /** Whose services are reached in it; several where they are alike, as `api-1`, `api-2`. */
  providers: string[];
  consumers: string[];
}

/** The private networks of a stack, in the order of its machines. */
export function privateNetworks(stack: StackDescription): PrivateNetwork[] {
  const networks: PrivateNetwork[] = [];
  const links = linksOf(stack);
  for (const { name } of stack.machines) {
    const consumers = [...new Set(links.filter(({ provider }) => provider.machine === name).map(({ consumer }) => consumer))].sort();
    const isAlone = consumers.length === 0;
    // Nobody knows it, and people do not come to it. It still has to be in some network, and not in Compose's own, where all are.
    if (isAlone && (isPublished(stack, name) || links.some(({ consumer }) => consumer === name))) continue;
    const alike = networks.find((network) => !isAlone && tierOf(network.providers[0]!) === tierOf(name) && network.consumers.join() === consumers.join());
    if (alike) alike.providers.push(name);
    else networks.push({ name, providers: [name], consumers });
  }
  for (const network of networks) {
    const tier = tierOf(network.name);
    const isTaken = findMachine(stack, tier) !== undefined || networks.some((other) => other !== network && tierOf(other.name) === tier);
    if (network.providers.length > 1 && !isTaken) network.name = tier;
  }
  return networks;
}

/** The network of those who come from outside. */
export function frontNetwork(stack: StackDescription): string {
  let name = 'people';
  while (findMachine(stack, name)) name = `from-${name}`;
  return name;
}

/** Machines that people dial: entrances first, in their order, then those whose public address somebody is told. */
export function publishedMachines(stack: StackDescription): MachineDescription[] {
  const entrances = Object.values(stack.entrances).flatMap((entrance) => (typeof entrance === 'string' ? [entrance] : Object.values(entrance)));
  const told = stack.machines.flatMap(({ services }) =>
    services.flatMap((service) =>
      'env' in service
        ? Object.values(service.env).flatMap((text) => referencesIn(text).flatMap((reference) => (reference.to === 'public' ? [reference.machine] : [])))
        : [],
    ),
  );
  return [...new Set([...entrances, ...told])].flatMap((name) => {
    const machine = findMachine(stack, name);
    return machine && frontOf(machine) ? [machine] : [];
  });
}

function isPublished(stack: StackDescription, name: string): boolean {
  return publishedMachines(stack).some((machine) => machine.name === name);
}

/** `api-1` and `api-2` are of one tier. */
function tierOf(machine: string): string {
  return machine.replace(/-\d+$/, '');
}
