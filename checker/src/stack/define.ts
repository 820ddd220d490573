// What a learner writes in stack.ts: machines first, then what runs on them, then where people come in.

import {
  regions,
  type Entrance,
  type MachineDescription,
  type Region,
  type ServiceDescription,
  type ServiceKind,
  type StackDescription,
} from './description.ts';
import { nearest } from './nearest.ts';
import { serviceFields, write } from './reference.ts';
import { StackError } from './stack-error.ts';
import { validate, validateCommand, validateEnvironment, validateName, validateOptions } from './validate.ts';

export type Environment = Record<string, string | number | readonly string[]>;

export interface MachineOptions {
  /** Where it stands; the distance to other regions is added to its wires. */
  region?: Region;
  /** Share of one CPU, above 0 and up to 1. */
  size?: number;
}

export interface PostgresOptions {
  /** The superuser that the server is set up with, as in the official image. */
  user?: string;
  password?: string;
  database?: string;
  /** Makes this server a streaming standby of that one. */
  replicaOf?: Machine | PostgresService;
}

/** A service that speaks HTTP or, for a program, whatever it speaks. */
export interface WebService {
  readonly url: string;
  readonly host: string;
  readonly port: string;
  /** `host:port` */
  readonly address: string;
}

export type RedisService = WebService;

export interface PostgresService extends WebService {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** What stands for a service of each kind. */
export interface ServiceHandles {
  node: WebService;
  nginx: WebService;
  program: WebService;
  redis: RedisService;
  postgres: PostgresService;
}

/** The same service on each machine of a group, in order. In a variable, a list is joined by commas. */
export interface ServiceGroup {
  readonly urls: readonly string[];
  /** `host:port` of each */
  readonly addresses: readonly string[];
}

export interface Machine {
  readonly name: string;
  /** Where people outside reach it: for browsers, phones, CORS and links. Machines never dial it. */
  readonly publicUrl: string;
  /** Runs a file of this step with Node.js. */
  node(entry: string, env?: Environment): WebService;
  postgres(options?: PostgresOptions): PostgresService;
  redis(): RedisService;
  /** Runs nginx with a configuration in which `${NAME}` stands for the variables given here. */
  nginx(template: string, env?: Environment): WebService;
  /** Runs any server that takes a configuration file. */
  program(command: string | readonly string[], template: string, env?: Environment): WebService;
  /** Stands for a service of this machine that is described further down, so that two machines can know each other. */
  service<Kind extends ServiceKind>(kind: Kind): ServiceHandles[Kind];
}

export interface MachineGroup {
  readonly names: readonly string[];
  node(entry: string, env?: Environment): ServiceGroup;
  nginx(template: string, env?: Environment): ServiceGroup;
  program(command: string | readonly string[], template: string, env?: Environment): ServiceGroup;
}

export interface Volume {
  /** The folder under which the machine that is told it finds the volume. */
  readonly path: string;
}

export interface StackBuilder {
  // Properties and not methods: whoever describes a stack takes them out of the builder one by one.
  machine: (name: string, options?: MachineOptions) => Machine;
  /** `count` machines of a kind: `name-1`, `name-2` and so on. */
  machines: (name: string, count: number, options?: MachineOptions) => MachineGroup;
  /** A disk that several machines mount. */
  volume: (name: string) => Volume;
}

export type Entrances = Record<string, Machine | Partial<Record<Region, Machine>>>;

/**
 * Describes the machines of a stack. Nothing is started by it.
 * @throws StackError for a mistake, with the machine's name and what to write instead.
 */
export function defineStack(describe: (builder: StackBuilder) => Entrances): StackDescription {
  const machines: MachineDescription[] = [];
  const volumes: string[] = [];

  const machine = (name: string, options: MachineOptions = {}): Machine => {
    validateName('machine', name);
    if (machines.some((other) => other.name === name)) {
      throw new StackError(
        `Two machines are named "${name}". Give one of them another name, or keep the machine in a variable ` +
          `and use it twice: const ${name.replaceAll(/\W/g, '_')} = machine('${name}').`,
      );
    }
    validateOptions(`machine "${name}"`, options, ['region', 'size']);
    const description: MachineDescription = { name, region: options.region ?? 'us', services: [] };
    if (options.size !== undefined) description.size = options.size;
    machines.push(description);
    return machineHandle(description);
  };

  const entrances = describe({
    machine,
    machines: (name, count, options) => {
      if (!Number.isInteger(count) || count < 1 || count > 20) {
        throw new StackError(`machines('${name}', ${count}): the count must be a whole number from 1 to 20.`);
      }
      return groupHandle(name, Array.from({ length: count }, (_, index) => machine(`${name}-${index + 1}`, options)));
    },
    volume: (name) => {
      validateName('volume', name);
      if (!volumes.includes(name)) volumes.push(name);
      return { path: write({ to: 'volume', volume: name }) };
    },
  });

  const stack = { machines, volumes, entrances: describeEntrances(entrances) };
  validate(stack);
  return stack;
}

function machineHandle(description: MachineDescription): Machine {
  const { name } = description;
  const where = `machine "${name}"`;

  const add = <Added extends ServiceDescription>(service: Added): Added => {
    const twins = description.services.filter(({ kind }) => kind === service.kind).length;
    const added = { ...service, name: twins === 0 ? service.kind : `${service.kind}-${twins + 1}` };
    description.services.push(added);
    return added;
  };
  const web = (service: ServiceName): WebService =>
    references<WebService>(name, service, { url: '', host: '', port: '', address: '' });
  const database = (service: ServiceName): PostgresService =>
    references<PostgresService>(name, service, { url: '', host: '', port: '', address: '', user: '', password: '', database: '' });
  const later: { [Kind in ServiceKind]: () => ServiceHandles[Kind] } = {
    node: () => web({ kind: 'node', name: 'node' }),
    nginx: () => web({ kind: 'nginx', name: 'nginx' }),
    program: () => web({ kind: 'program', name: 'program' }),
    redis: () => web({ kind: 'redis', name: 'redis' }),
    postgres: () => database({ kind: 'postgres', name: 'postgres' }),
  };
  const environment = (env: Environment | undefined): Record<string, string> => validateEnvironment(where, env ?? {});

  return strict<Machine>(where, {
    name,
    publicUrl: write({ to: 'public', machine: name }),
    node: (entry, env) => web(add({ kind: 'node', name: '', entry, env: environment(env) })),
    redis: () => web(add({ kind: 'redis', name: '' })),
    nginx: (template, env) => web(add({ kind: 'nginx', name: '', template, env: environment(env) })),
    program: (command, template, env) =>
      web(
        add({
          kind: 'program',
          name: '',
          command: validateCommand(where, command),
          template,
          env: environment(env),
        }),
      ),
    postgres: (options = {}) => {
      validateOptions(`postgres on ${where}`, options, ['user', 'password', 'database', 'replicaOf']);
      const service = add({
        kind: 'postgres',
        name: '',
        user: options.user ?? 'graminsta',
        password: options.password ?? 'graminsta',
        database: options.database ?? options.user ?? 'graminsta',
        ...(options.replicaOf !== undefined && { replicaOf: machineOf(where, options.replicaOf) }),
      });
      return database(service);
    },
    service: (kind) => {
      const kinds = Object.keys(later);
      if (kinds.includes(kind)) return later[kind]();
      throw new StackError(`${where}: there is no service of the kind ${JSON.stringify(kind)}. Kinds are ${kinds.join(', ')}.`);
    },
  }, (property) => {
    if (!isServiceField(property)) return undefined;
    const advice = `Addresses belong to services: keep what machine.postgres() or machine.node() returns, and use its .${property}.`;
    return property === 'url' ? `${advice} Or use .publicUrl, where people reach it.` : advice;
  });
}

function isServiceField(property: string): boolean {
  return serviceFields.postgres.some((field) => field === property);
}

function groupHandle(group: string, machines: Machine[]): MachineGroup {
  const onEach = (describe: (machine: Machine) => WebService): ServiceGroup => {
    const services = machines.map(describe);
    return strict(`the services on machines "${group}"`, {
      urls: services.map(({ url }) => url),
      addresses: services.map(({ address }) => address),
    });
  };
  return strict<MachineGroup>(`machines "${group}"`, {
    names: machines.map(({ name }) => name),
    node: (entry, env) => onEach((machine) => machine.node(entry, env)),
    nginx: (template, env) => onEach((machine) => machine.nginx(template, env)),
    program: (command, template, env) => onEach((machine) => machine.program(command, template, env)),
  }, (property) => {
    const field = property.startsWith('url') ? 'urls' : 'addresses';
    return property === field || isServiceField(property)
      ? `Addresses belong to services: keep what machines('${group}', ${machines.length}).node(…) returns, and use its .${field}.`
      : undefined;
  });
}

const homes = new WeakMap<object, string>();

function machineOf(where: string, target: unknown): string {
  const machine = isMachine(target) ? target.name : typeof target === 'object' && target ? homes.get(target) : undefined;
  if (machine !== undefined) return machine;
  throw new StackError(`postgres on ${where}: replicaOf takes the machine or the postgres to follow, for example replicaOf: db.`);
}

type ServiceName = Pick<ServiceDescription, 'kind' | 'name'>;

/** The service's handle: each of `fields` as the text that refers to it. */
function references<Service extends WebService>(machine: string, service: ServiceName, fields: Service): Service {
  const written: Service = { ...fields };
  for (const field of Object.keys(fields)) {
    Object.assign(written, { [field]: write({ to: 'service', machine, service: service.name, field }) });
  }
  const handle = strict(`${service.kind} on machine "${machine}"`, written);
  homes.set(handle, machine);
  return handle;
}

/**
 * A misspelt property is a mistake to report, not an `undefined` that ends up in an address.
 * @param adviceOn what to write instead, where more is known of a property than that it is not there
 */
function strict<Handle extends object>(what: string, handle: Handle, adviceOn: (property: string) => string | undefined = () => undefined): Handle {
  return new Proxy(handle, {
    get(target, property, receiver) {
      if (typeof property === 'symbol' || property in target || property === 'then' || property === 'toJSON') {
        return Reflect.get(target, property, receiver) as unknown;
      }
      const known = Object.keys(target);
      const advice = adviceOn(property) ?? `It has ${known.join(', ')}${nearest.suffix(property, known) || '.'}`;
      throw new StackError(`There is no "${property}" of ${what}. ${advice}`);
    },
  });
}

function describeEntrances(entrances: Entrances): Record<string, Entrance> {
  if (typeof entrances !== 'object' || (entrances as unknown) === null) {
    throw new StackError('defineStack got no entrances. End the function with: return { web: server, api: server };');
  }
  const describeOne = (name: string, entrance: unknown): Entrance => {
    if (isMachine(entrance)) return entrance.name;
    const byRegion: [string, unknown][] = typeof entrance === 'object' && entrance ? Object.entries(entrance) : [];
    const nowhere = byRegion.find(([region, machine]) => isMachine(machine) && !regions.some((known) => known === region));
    if (nowhere) {
      throw new StackError(`The entrance "${name}": "${nowhere[0]}" is no region. Regions are ${regions.join(', ')}, as in { ${name}: { us: edgeUs, eu: edgeEu } }.`);
    }
    const named = byRegion.flatMap(([region, machine]) => (isMachine(machine) ? [[region, machine.name]] : []));
    if (named.length > 0 && named.length === byRegion.length) return Object.fromEntries(named) as Entrance;
    throw new StackError(`The entrance "${name}" is not a machine. Return what machine('…') gave you: { ${name}: server }.`);
  };
  return Object.fromEntries(Object.entries(entrances).map(([name, entrance]) => [name, describeOne(name, entrance)]));
}

function isMachine(value: unknown): value is Machine {
  return typeof value === 'object' && value !== null && 'publicUrl' in value;
}
