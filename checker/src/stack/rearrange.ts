// Other stacks made from a learner's: with a machine swapped for another, or with one more of a kind.

import { findMachine, type MachineDescription, type StackDescription } from './description.ts';
import { StackError } from './stack-error.ts';

/** The stack with the machine `name` replaced, and everything that knew it knowing the replacement instead. */
export function substituteMachine(stack: StackDescription, name: string, replacement: MachineDescription): StackDescription {
  if (!findMachine(stack, name)) throw new StackError(`There is no machine "${name}" to replace.`);
  const pointed = JSON.parse(
    JSON.stringify({ ...stack, machines: stack.machines.filter((machine) => machine.name !== name) })
      .replaceAll(`⟦${name}/`, `⟦${replacement.name}/`)
      .replaceAll(`⟦public ${name}⟧`, `⟦public ${replacement.name}⟧`),
  ) as StackDescription;
  const renamed = (machine: string): string => (machine === name ? replacement.name : machine);
  for (const { services } of pointed.machines) {
    for (const service of services) {
      if (service.kind === 'postgres' && service.replicaOf !== undefined) service.replicaOf = renamed(service.replicaOf);
    }
  }
  const entrances = Object.entries(pointed.entrances).map(([entrance, target]) => [
    entrance,
    typeof target === 'string'
      ? renamed(target)
      : Object.fromEntries(Object.entries(target).map(([region, machine]) => [region, renamed(machine)])),
  ]);
  return {
    ...pointed,
    machines: [...pointed.machines, replacement],
    entrances: Object.fromEntries(entrances) as StackDescription['entrances'],
  };
}

/** The stack with one more machine, alike in everything but its name. */
export function addMachineLike(stack: StackDescription, model: string, name: string): StackDescription {
  const machine = findMachine(stack, model);
  if (!machine) throw new StackError(`There is no machine "${model}" to make another of.`);
  return { ...stack, machines: [...stack.machines, { ...structuredClone(machine), name }] };
}
