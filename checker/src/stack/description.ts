// A stack as plain data: what `defineStack` builds, and all that the runtime, Compose and the checks see.
// Nothing in here does any I/O. Addresses are not known yet: texts carry references (see reference.ts).

export const regions = ['us', 'eu', 'ap'] as const;
export type Region = (typeof regions)[number];

export interface StackDescription {
  machines: MachineDescription[];
  /** Disks that several machines mount. */
  volumes: string[];
  /** Where people come in: by machine, or by region and machine. */
  entrances: Record<string, Entrance>;
}

export type Entrance = string | Partial<Record<Region, string>>;

/** What fails, is far away, and has a size and a disk together. */
export interface MachineDescription {
  name: string;
  region: Region;
  /** Share of one CPU, 0 to 1, for its Node programs; undefined is as much as there is. */
  size?: number;
  services: ServiceDescription[];
}

interface ServiceBase {
  /** Unique on its machine: the kind, and from the second of a kind on with a number, `node-2`. */
  name: string;
}

export interface NodeDescription extends ServiceBase {
  kind: 'node';
  /** Relative to the step's folder. */
  entry: string;
  env: Record<string, string>;
}

export interface PostgresDescription extends ServiceBase {
  kind: 'postgres';
  user: string;
  password: string;
  database: string;
  /** The machine whose Postgres this one follows as a streaming standby. */
  replicaOf?: string;
}

export interface RedisDescription extends ServiceBase {
  kind: 'redis';
}

export interface NginxDescription extends ServiceBase {
  kind: 'nginx';
  /** Relative to the step's folder; `${NAME}` is replaced for the names in `env`, and only for those. */
  template: string;
  env: Record<string, string>;
}

export interface ProgramDescription extends ServiceBase {
  kind: 'program';
  command: string[];
  template: string;
  env: Record<string, string>;
}

export type ServiceDescription =
  | NodeDescription
  | PostgresDescription
  | RedisDescription
  | NginxDescription
  | ProgramDescription;

export type ServiceKind = ServiceDescription['kind'];

/** One service in a stack. */
export interface ServiceId {
  machine: string;
  service: string;
}

/** The texts of a service in which references may stand. */
export function environmentOf(service: ServiceDescription): Record<string, string> {
  return 'env' in service ? service.env : {};
}

/** The service that people reach at the machine's public address: the first that speaks HTTP. */
export function frontOf(machine: MachineDescription): ServiceDescription | undefined {
  return machine.services.find(({ kind }) => kind === 'node' || kind === 'nginx' || kind === 'program');
}

/** A machine's size is for all that runs on it. Nobody can lend to another what they do not use: each Node program gets its part of one CPU. */
export function cpuShareOf({ size, services }: MachineDescription): number | undefined {
  return size === undefined ? undefined : size / services.filter(({ kind }) => kind === 'node').length;
}

export function findMachine(stack: StackDescription, name: string): MachineDescription | undefined {
  return stack.machines.find((machine) => machine.name === name);
}

export function findService(stack: StackDescription, id: ServiceId): ServiceDescription | undefined {
  return findMachine(stack, id.machine)?.services.find(({ name }) => name === id.service);
}

/** The machines on which a service of this kind is described. */
export function machinesWith(stack: StackDescription, kind: ServiceKind): string[] {
  return stack.machines
    .filter(({ services }) => services.some((service) => service.kind === kind))
    .map(({ name }) => name);
}
