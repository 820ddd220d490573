// The mistakes that a description can hold, each told before anything starts.

import {
  environmentOf,
  findMachine,
  findService,
  frontOf,
  regions,
  type Entrance,
  type Region,
  type StackDescription,
} from './description.ts';
import { nearest } from './nearest.ts';
import { referencesIn } from './reference.ts';
import { StackError } from './stack-error.ts';
import type { Fixed } from './step.ts';

export function validateName(what: string, name: unknown): void {
  if (typeof name === 'string' && /^[a-z][a-z0-9-]{0,29}$/.test(name)) return;
  throw new StackError(
    `${JSON.stringify(name)} cannot name a ${what}: use small letters, digits and dashes, at most 30, beginning with a letter.`,
  );
}

export function validateOptions(where: string, options: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) {
      throw new StackError(`${where}: there is no option "${name}"${nearest.suffix(name, known) || '.'} Options are ${known.join(', ')}.`);
    }
    if (value === undefined) throw new StackError(`${where}: the option "${name}" is undefined. Leave it out or give it a value.`);
    if (name === 'region' && !regions.some((region) => region === value)) {
      throw new StackError(`${where}: ${JSON.stringify(value)} is no region. Regions are ${regions.join(', ')}.`);
    }
    if (name === 'size' && !(typeof value === 'number' && value > 0 && value <= 1)) {
      throw new StackError(`${where}: "size" is a share of one CPU, above 0 and up to 1.`);
    }
    if (['user', 'password', 'database'].includes(name) && (typeof value !== 'string' || value === '')) {
      throw new StackError(`${where}: "${name}" must be a text that is not empty.`);
    }
  }
}

/** An environment as texts: numbers written out, lists joined by commas. */
export function validateEnvironment(where: string, env: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]: [string, unknown]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        throw new StackError(`${where}: ${JSON.stringify(name)} cannot name a variable. Use letters, digits and underscores.`);
      }
      const values: unknown[] = Array.isArray(value) ? value : [value];
      const wrong = values.find((item) => typeof item !== 'string' && typeof item !== 'number');
      if (wrong !== undefined || values.includes(undefined)) {
        throw new StackError(
          `${where}: the variable ${name} ${Array.isArray(value) ? 'holds' : 'is'} ${kindOf(wrong)}. ` +
            'Give it a text, a number or a reference such as db.url.',
        );
      }
      return [name, values.join(',')];
    }),
  );
}

/** A command as its words. */
export function validateCommand(where: string, command: string | readonly string[]): string[] {
  const text = typeof command === 'string' ? command : command.join(' ');
  if (text.trim() === '') throw new StackError(`${where}: program() needs the command to run.`);
  if (referencesIn(text).length > 0) {
    throw new StackError(
      `${where}: the command of program() holds an address. Give the address as a variable and use it in the configuration file, ` +
        "for example program('haproxy -f {config}', 'haproxy.cfg', { API: api.address }).",
    );
  }
  return typeof command === 'string' ? command.trim().split(/\s+/) : [...command];
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

/** @throws StackError for the first mistake found. */
export function validate(stack: StackDescription): void {
  if (stack.machines.length === 0) {
    throw new StackError("The stack has no machines. Begin with: const server = machine('server');");
  }
  for (const machine of stack.machines) {
    if (machine.services.length === 0) {
      throw new StackError(
        `Nothing runs on machine "${machine.name}". Give it a service, for example ${machine.name}.node('src/server.ts'), or remove it.`,
      );
    }
    for (const service of machine.services) {
      if ('entry' in service && !service.entry) throw new StackError(`machine "${machine.name}": node() needs the file to run.`);
      for (const [variable, text] of Object.entries(environmentOf(service))) {
        validateReferences(stack, machine.name, variable, text);
      }
      if (service.kind === 'postgres' && service.replicaOf !== undefined) validateReplica(stack, machine.name);
    }
  }
  for (const [name, entrance] of Object.entries(stack.entrances)) {
    for (const machineName of typeof entrance === 'string' ? [entrance] : Object.values(entrance)) {
      const machine = findMachine(stack, machineName);
      if (machine && frontOf(machine)) continue;
      throw new StackError(
        `The entrance "${name}" leads to machine "${machineName}", but no service there answers people: it needs a node, nginx or program.`,
      );
    }
  }
}

/** What the step fixes and the stack lacks: one sentence for the first thing missing, or undefined. */
export function missingOfFixed(stack: StackDescription, fixed: Fixed): string | undefined {
  const names = stack.machines.map(({ name }) => name);
  for (const { name, hosts } of fixed.machines) {
    if (names.includes(name)) continue;
    const free = names.filter((other) => !fixed.machines.some((machine) => machine.name === other));
    const misspelt = nearest.of(name, free);
    return (
      `This step needs a machine named "${name}" (${hosts}). stack.ts describes ${list(names)}.` +
      (misspelt === undefined ? '' : ` Is "${misspelt}" meant to be it?`)
    );
  }
  for (const { name, machine } of fixed.entrances) {
    const entrance = stack.entrances[name];
    if (entrance === undefined) {
      return `People of this step come in by the entrance "${name}". Return it at the end of stack.ts: { ${name}: ${inWords(machine)} }${whatsIn(machine)}.`;
    }
    if (!sameEntrance(entrance, machine)) {
      const [wanted, found] = [machine, entrance].map((one) => (typeof one === 'string' ? `"${one}"` : inWords(one)));
      if (typeof machine !== 'string') {
        return `The entrance "${name}" of this step is a machine for each region, and stack.ts leads it to ${found}. Write { ${name}: ${inWords(machine)} }${whatsIn(machine)}.`;
      }
      return `The entrance "${name}" of this step is the machine ${wanted}, and stack.ts leads it to ${found}.`;
    }
  }
  return undefined;
}

function sameEntrance(one: Entrance, other: Entrance): boolean {
  return regions.every((region) => machineIn(one, region) === machineIn(other, region));
}

function machineIn(entrance: Entrance, region: Region): string | undefined {
  return typeof entrance === 'string' ? entrance : entrance[region];
}

/** As one would write it: `{ us: edgeUs, eu: edgeEu }` */
function inWords(entrance: Entrance): string {
  const variable = (machine: string): string => machine.replaceAll(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
  if (typeof entrance === 'string') return variable(entrance);
  return `{ ${Object.entries(entrance).map(([region, machine]) => `${region}: ${variable(machine)}`).join(', ')} }`;
}

/** What the names in `inWords` stand for, where they are not the machines' own. */
function whatsIn(entrance: Entrance): string {
  const [machine] = typeof entrance === 'string' ? [entrance] : Object.values(entrance);
  return machine?.includes('-') ? `, in which ${inWords(machine)} is machine('${machine}'), and so on` : '';
}

function validateReferences(stack: StackDescription, consumer: string, variable: string, text: string): void {
  for (const reference of referencesIn(text)) {
    const where = `machine "${consumer}", variable ${variable}`;
    if (reference.to === 'service' && !findService(stack, reference)) {
      throw new StackError(`${where}: there is no ${reference.service} on a machine "${reference.machine}" in this stack.`);
    }
    if (reference.to === 'public') {
      const machine = findMachine(stack, reference.machine);
      if (!machine || !frontOf(machine)) {
        throw new StackError(`${where}: "${reference.machine}" has no public address, because nothing on it answers people.`);
      }
    }
  }
}

function validateReplica(stack: StackDescription, start: string): void {
  const path = [start];
  let current = start;
  for (;;) {
    const postgres = findMachine(stack, current)?.services.find(({ kind }) => kind === 'postgres');
    if (postgres?.kind !== 'postgres') {
      throw new StackError(`machine "${start}": replicaOf leads to "${current}", which has no postgres to follow.`);
    }
    if (postgres.replicaOf === undefined) return;
    current = postgres.replicaOf;
    if (path.includes(current)) {
      throw new StackError(
        `replicaOf goes in a circle: ${[...path, current].join(' follows ')}. One of them has to be the primary, without replicaOf.`,
      );
    }
    path.push(current);
  }
}

function list(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
