// Other stacks made from a learner's: with a machine swapped for another, with one more of a kind, or with a smaller one.

import { findMachine, frontOf, type MachineDescription, type StackDescription } from './description.ts';
import { replaceReferences, write, type Reference } from './reference.ts';
import { StackError } from './stack-error.ts';

/**
 * The stack with the machine `name` replaced, and everything that knew it knowing the replacement instead. What was
 * known of a service that the replacement does not have (an nginx, say) is known of the one that takes its part.
 */
export function substituteMachine(stack: StackDescription, name: string, replacement: MachineDescription): StackDescription {
  const machine = findMachine(stack, name);
  if (!machine) throw new StackError(`There is no machine "${name}" to replace.`);
  const inItsPlace = (service: string): string => {
    if (replacement.services.some((candidate) => candidate.name === service)) return service;
    const kind = machine.services.find((candidate) => candidate.name === service)?.kind;
    return (replacement.services.find((candidate) => candidate.kind === kind) ?? frontOf(replacement))?.name ?? service;
  };
  const renamed = (other: string): string => (other === name ? replacement.name : other);
  const others = stack.machines.filter((other) => other !== machine).map((other) =>
    pointed(other, (reference) => {
      if (reference.to === 'volume' || reference.machine !== name) return reference;
      const moved = { ...reference, machine: replacement.name };
      return moved.to === 'service' ? { ...moved, service: inItsPlace(moved.service) } : moved;
    }),
  );
  for (const { services } of others) {
    for (const service of services) {
      if (service.kind === 'postgres' && service.replicaOf !== undefined) service.replicaOf = renamed(service.replicaOf);
    }
  }
  const entrances = Object.entries(stack.entrances).map(([entrance, target]) => [
    entrance,
    typeof target === 'string'
      ? renamed(target)
      : Object.fromEntries(Object.entries(target).map(([region, front]) => [region, renamed(front)])),
  ]);
  return {
    ...stack,
    machines: [...others, replacement],
    entrances: Object.fromEntries(entrances) as StackDescription['entrances'],
  };
}

/** The stack with one more machine, alike in everything but its name: what the model knows of itself, the new one knows of itself. */
export function addMachineLike(stack: StackDescription, model: string, name: string): StackDescription {
  const machine = findMachine(stack, model);
  if (!machine) throw new StackError(`There is no machine "${model}" to make another of.`);
  const copy = pointed(machine, (reference) =>
    reference.to !== 'volume' && reference.machine === model ? { ...reference, machine: name } : reference,
  );
  return { ...stack, machines: [...stack.machines, { ...copy, name }] };
}

/** The stack with a machine of another size. @param size share of one CPU, 0 to 1 */
export function resizeMachine(stack: StackDescription, name: string, size: number): StackDescription {
  if (!findMachine(stack, name)) throw new StackError(`There is no machine "${name}" to make larger or smaller.`);
  return { ...stack, machines: stack.machines.map((machine) => (machine.name === name ? { ...machine, size } : machine)) };
}

/** A copy of a machine whose references point where `point` says. */
function pointed(machine: MachineDescription, point: (reference: Reference) => Reference): MachineDescription {
  const copy = structuredClone(machine);
  for (const service of copy.services) {
    if (!('env' in service)) continue;
    for (const [variable, text] of Object.entries(service.env)) {
      service.env[variable] = replaceReferences(text, (reference) => write(point(reference)));
    }
  }
  return copy;
}
