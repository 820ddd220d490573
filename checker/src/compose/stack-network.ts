// The addresses of a stack on Docker. Docker has room for some thirty networks of its own choosing, and others have theirs on this
// computer as well; so each stack gets a part of a range that is nobody's (RFC 2544 sets it aside for measuring networks), by the
// block of ports that its command owns: no two commands have the same.

import type { Ports } from '../runtime/ports.ts';

/** 198.19.0.0/16: 128 addresses for each of twelve stacks of each of forty commands. */
const range = '198.19';
const addressesPerStack = 128;
const stacksPerCommand = 12;

const taken = new Set<number>();

export interface StackNetwork {
  subnet: string;
  gateway: string;
  /** The address with a number from 2 on. @throws Error when there are no more */
  address(number: number): string;
  giveBack(): void;
}

/** @throws Error when this command has a dozen stacks already */
export function takeNetwork({ block }: Ports): StackNetwork {
  const slot = Array.from({ length: stacksPerCommand }, (_, index) => index).find((index) => !taken.has(index));
  if (slot === undefined) throw new Error(`A command has room for ${stacksPerCommand} stacks on Docker at a time.`);
  taken.add(slot);
  const first = (block * stacksPerCommand + slot) * addressesPerStack;
  const address = (number: number): string => {
    if (number >= addressesPerStack - 1) throw new Error(`A stack on Docker has room for ${addressesPerStack - 4} services.`);
    return `${range}.${Math.floor((first + number) / 256)}.${(first + number) % 256}`;
  };
  return { subnet: `${address(0)}/25`, gateway: address(1), address, giveBack: () => taken.delete(slot) };
}
