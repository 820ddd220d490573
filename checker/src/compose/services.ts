// Each kind of service as Compose has it: what is particular to the kind, without its name, networks and whom it waits for.

import {
  cpuShareOf,
  findMachine,
  type MachineDescription,
  type NginxDescription,
  type NodeDescription,
  type PostgresDescription,
  type ProgramDescription,
  type RedisDescription,
  type ServiceDescription,
  type StackDescription,
} from '../stack/description.ts';
import { credentialsOf } from '../stack/resolve.ts';
import { literally, type ComposeTexts } from './addresses.ts';
import { images } from '../runtime/containers/images.ts';
import { composeName, innerPort } from './names.ts';
import { secretOf } from './secrets.ts';
import type { StepReads } from './step-reads.ts';
import { noted, sameAs, type Fields } from './yaml-text.ts';

export interface Surroundings {
  stack: StackDescription;
  texts: ComposeTexts;
  reads: StepReads;
  /** Fields of a healthcheck with this test. */
  health: (test: readonly string[]) => Fields;
}

/** What one service adds to the document: its own fields, and what stands beside `services`. */
export interface ServiceParts {
  fields: Fields;
  /** Named volumes that it needs. */
  volumes: string[];
  configs?: Record<string, Fields>;
}

/** Where a machine's disk is for a Node program: the folder that belongs to the user `node` in this image. */
const nodeDisk = '/home/node';
/** Where the step's files are. The packages are beside them, where Node.js looks for them. */
export const filesFolder = '/workshop/step';
export const packagesFolder = '/workshop/node_modules';

/** Images of programs by the command that is run, and who they are in there. */
const programImages: Readonly<Record<string, { image: string; user: string }>> = {
  haproxy: { image: 'haproxy:3.2', user: 'haproxy' },
  varnishd: { image: 'varnish:7.7', user: 'varnish' },
};

/** The command of a program that no image is known for. */
export function commandWithoutImage(service: ServiceDescription): string | undefined {
  if (service.kind !== 'program') return undefined;
  const [command = ''] = service.command;
  return commandName(command) in programImages ? undefined : command;
}

export function serviceParts(machine: MachineDescription, service: ServiceDescription, around: Surroundings): ServiceParts {
  switch (service.kind) {
    case 'node':
      return nodeParts(machine, service, around);
    case 'postgres':
      return postgresParts(machine, service, around);
    case 'redis':
      return redisParts(machine, service, around);
    case 'nginx':
      return nginxParts(machine, service, around);
    case 'program':
      return programParts(machine, service, around);
  }
}

/** The name of a machine's volume for what a kind of service keeps there. */
export function diskName(machine: string, what = 'data'): string {
  return `${machine}-${what}`;
}

/** The volume with the socket of a Postgres whose machine has other services, which may look for it there. */
function socketDisk(machine: MachineDescription, service: PostgresDescription): string | undefined {
  return machine.services.some(({ kind }) => kind === 'node') ? diskName(machine.name, `${service.name}-socket`) : undefined;
}

function nodeParts(machine: MachineDescription, service: NodeDescription, { stack, texts, reads, health }: Surroundings): ServiceParts {
  const port = innerPort(stack, { machine: machine.name, service: service.name });
  const keeps = reads.keepers.has(machine.name);
  const sockets = machine.services.flatMap((other) => {
    const disk = other.kind === 'postgres' ? socketDisk(machine, other) : undefined;
    return disk === undefined ? [] : [{ disk, folder: `${nodeDisk}/${other.name}` }];
  });
  const disks = keeps ? [{ disk: diskName(machine.name), folder: nodeDisk }, ...sockets] : [];
  const shared = volumesIn(stack, service);
  const environment = texts.environment(machine.name, service);
  const holdsPassword = Object.values(environment).some((text) => /\/\/[^/@]*:[^/@]+@/.test(text));
  const fields: Fields = {
    '<<': sameAs('node'),
    command: ['node', service.entry],
    environment: noted({
      '<<': sameAs('node-environment'),
      ...(port !== 3000 && { PORT: String(port) }),
      MACHINE_NAME: machine.name,
      ...(keeps && { DATA_DIR: nodeDisk }),
      ...environment,
    }, { ...(holdsPassword && { comment: 'A password in here can be read by whoever may ask Docker about the container. The app takes addresses from nowhere else.' }) }),
    ...(port !== 3000 && { healthcheck: health(readiness(port)) }),
    ...(disks.length + shared.length > 0 && {
      volumes: noted(
        [sameAs('files'), sameAs('packages'), ...disks.map(({ disk, folder }) => `${disk}:${folder}`), ...shared.map((volume) => `${volume}:/volumes/${volume}`)],
        {
          comment: [
            ...(disks.length > 0 ? ['Its disk. A new volume takes its owner from the folder of the image in its place: this one is the user node\'s.'] : []),
            ...(sockets.length > 0 ? ['A socket is a file. Whoever has its folder can connect, without any network.'] : []),
          ],
        },
      ),
    }),
    ...(machine.size !== undefined && { deploy: { resources: { limits: { cpus: cpusOf(machine), memory: '1G' } } } }),
  };
  return { fields, volumes: [...disks.map(({ disk }) => disk), ...shared] };
}

/** What asks a Node service whether it can serve. One without /readyz says 404, and is there all the same. */
export function readiness(port: number): string[] {
  return ['CMD', 'node', '-e', `fetch('http://127.0.0.1:${port}/readyz').then(({ status }) => process.exit(status < 500 ? 0 : 1), () => process.exit(1))`];
}

function postgresParts(machine: MachineDescription, service: PostgresDescription, { stack, health }: Surroundings): ServiceParts {
  const id = { machine: machine.name, service: service.name };
  const port = innerPort(stack, id);
  const { user, database } = credentialsOf(stack, service);
  const secret = secretOf(stack, service);
  const disk = diskName(machine.name, service.name);
  const socket = socketDisk(machine, service);
  const isFollowed = stack.machines.some(({ services }) => services.some((other) => other.kind === 'postgres' && other.replicaOf === machine.name));
  const settings = {
    ...(port !== 5432 && { port }),
    shared_preload_libraries: 'pg_stat_statements',
    ...(isFollowed && { hba_file: '/etc/postgresql/pg_hba.conf', wal_keep_size: '256MB' }),
    ...(service.replicaOf !== undefined && { wal_retrieve_retry_interval: '50ms', wal_receiver_status_interval: '1s', hot_standby_feedback: 'on' }),
  };
  const server = ['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const socketFolder = '/var/run/postgresql';
  const fields: Fields = {
    '<<': sameAs('confined'),
    image: images.postgres,
    user: 'postgres',
    command: service.replicaOf === undefined ? server : noted(['bash', '-c', standbyScript(stack, machine.name, service, server)], {
      comment: 'An empty disk begins as a copy of the primary; from then on it reads the primary\'s log. Half a copy is never taken for one.',
    }),
    ...(service.replicaOf === undefined && {
      environment: {
        POSTGRES_USER: literally(user),
        POSTGRES_DB: literally(database),
        POSTGRES_PASSWORD_FILE: `/run/secrets/${secret}`,
      },
    }),
    secrets: [secret],
    volumes: [
      `${disk}:/var/lib/postgresql`,
      ...(socket === undefined ? [] : [`${socket}:${socketFolder}`]),
      ...(isFollowed ? ['../../checker/src/compose/pg_hba.conf:/etc/postgresql/pg_hba.conf:ro'] : []),
    ],
    tmpfs: socket === undefined ? ['/tmp', socketFolder] : ['/tmp'],
    shm_size: noted('128m', { comment: 'For what its processes share. Docker gives 64 MB, and larger queries fail with that.' }),
    healthcheck: noted(health(['CMD', 'pg_isready', '--quiet', '--host=127.0.0.1', `--port=${port}`, `--username=${literally(user)}`, `--dbname=${literally(database)}`]), {
      ...(service.replicaOf === undefined && { comment: 'Over TCP: while a new database is set up, the server answers on its socket only.' }),
    }),
  };
  return { fields, volumes: [disk, ...(socket === undefined ? [] : [socket])] };
}

function standbyScript(stack: StackDescription, machine: string, service: PostgresDescription, server: readonly string[]): string {
  const primary = findMachine(stack, service.replicaOf ?? '')!;
  const followed = primary.services.find(({ kind }) => kind === 'postgres')!;
  const { user } = credentialsOf(stack, service);
  const connection = [
    `host=${primary.name}`,
    `port=${innerPort(stack, { machine: primary.name, service: followed.name })}`,
    `user=${libpqValue(user)}`,
    `application_name=${machine}`,
  ].join(' ');
  return `${literally(`if [ ! -s "$PGDATA/PG_VERSION" ]; then
  export PGPASSWORD="$(cat /run/secrets/${secretOf(stack, service)})"
  rm -rf "$PGDATA.unfinished"
  pg_basebackup --dbname=${shellWord(connection)} --pgdata="$PGDATA.unfinished" --write-recovery-conf --checkpoint=fast
  rm -rf "$PGDATA" && mv "$PGDATA.unfinished" "$PGDATA"
fi
exec ${server.join(' ')}`)}\n`;
}

const libpqValue = (text: string): string => (/^\w+$/.test(text) ? text : `'${text.replaceAll(/['\\]/g, '\\$&')}'`);
const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function redisParts(machine: MachineDescription, service: RedisDescription, { stack, health }: Surroundings): ServiceParts {
  const port = innerPort(stack, { machine: machine.name, service: service.name });
  const disk = diskName(machine.name, service.name);
  const settings: Record<string, string> = {
    ...(port !== 6379 && { port: String(port) }),
    maxmemory: '128mb',
    'maxmemory-policy': 'noeviction',
    save: '""',
    appendonly: 'yes',
    'protected-mode': 'no',
  };
  const fields: Fields = {
    '<<': sameAs('confined'),
    image: images.redis,
    user: 'redis',
    command: noted(['redis-server', ...Object.entries(settings).map(([name, value]) => `--${name} ${value}`)].join(' '), {
      comment: [
        'What does not fit into its memory is refused (noeviction). What it holds is on its disk within a second (appendonly).',
        'It asks for no password: nobody gets to it but those who share its network.',
      ],
    }),
    volumes: [`${disk}:/data`],
    tmpfs: ['/tmp'],
    healthcheck: health(['CMD-SHELL', `redis-cli -p ${port} ping | grep -q PONG`]),
  };
  return { fields, volumes: [disk] };
}

function nginxParts(machine: MachineDescription, service: NginxDescription, { stack, texts, reads, health }: Surroundings): ServiceParts {
  const port = innerPort(stack, { machine: machine.name, service: service.name });
  const shared = volumesIn(stack, service);
  const keeps = reads.keepers.has(machine.name);
  const fields: Fields = {
    '<<': sameAs('confined'),
    image: images.nginx,
    user: noted('101:101', { comment: 'The user nginx of this image.' }),
    command: noted(['nginx', '-p', `${filesFolder}/`, '-c', '/etc/nginx/nginx.conf', '-g', 'daemon off;'], {
      comment: 'Relative paths in the configuration begin at the step\'s files.',
    }),
    environment: listening(machine.name, port, keeps, texts.environment(machine.name, service)),
    volumes: noted(
      [`./${slashes(service.template)}:/etc/nginx/templates/default.conf.template:ro`, `.:${filesFolder}:ro`, ...shared.map((volume) => `${volume}:/volumes/${volume}`)],
      { comment: 'The image puts variables into what lies in templates/, and the result into conf.d/, which is inside of http { … }.' },
    ),
    tmpfs: ['/tmp', ...['/run', '/etc/nginx/conf.d', '/var/cache/nginx', ...(keeps ? ['/data'] : [])].map((folder) => `${folder}:uid=101,gid=101`)],
    healthcheck: health(['CMD', 'curl', '--silent', '--output', '/dev/null', `http://127.0.0.1:${port}/readyz`]),
  };
  return { fields, volumes: shared };
}

function programParts(machine: MachineDescription, service: ProgramDescription, { stack, texts, reads, health }: Surroundings): ServiceParts {
  const name = composeName(stack, { machine: machine.name, service: service.name });
  const port = innerPort(stack, { machine: machine.name, service: service.name });
  const keeps = reads.keepers.has(machine.name);
  const shared = volumesIn(stack, service);
  const [command = '', ...words] = service.command;
  const environment = listening(machine.name, port, keeps, texts.environment(machine.name, service));
  const file = `/etc/graminsta/${service.template.split(/[/\\]/).at(-1)!}`;
  // Values are as Compose has to read them already; what stands around them is not.
  const filled = (text: string): string =>
    text.split(/(\$\{\w+\})/).map((part) => environment[/^\$\{(\w+)\}$/.exec(part)?.[1] ?? ''] ?? literally(part)).join('');
  const known = programImages[commandName(command)];
  const fields: Fields = {
    image: known?.image ?? noted(`\${IMAGE_${name.toUpperCase().replaceAll('-', '_')}:?set it to an image that has ${literally(command)}}`, {
      comment: `Containers come from images, and which one has ${command} is not known here: write its name instead.`,
    }),
    ...(known && { user: known.user }),
    command: [commandName(command), ...words.map((word) => filled(word).replaceAll('{config}', file))],
    environment,
    configs: [{ source: name, target: file }],
    ...(shared.length > 0 && { volumes: shared.map((volume) => `${volume}:/volumes/${volume}`) }),
    ...(keeps && { tmpfs: ['/data'] }),
    read_only: noted(false, { comment: 'Compose itself puts the configuration into the container, and could not if that were read-only.' }),
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    stop_grace_period: '10s',
    deploy: { resources: { limits: { memory: '1G' } } },
    ...(known && { healthcheck: health(['CMD', 'bash', '-c', `: > /dev/tcp/127.0.0.1/${port}`]) }),
  };
  return { fields, volumes: shared, configs: { [name]: { content: filled(reads.templates.get(service.template) ?? '') } } };
}

/** What every program is told besides what stack.ts gives it. */
function listening(machine: string, port: number, keeps: boolean, env: Record<string, string>): Record<string, string> {
  return { HOST: '0.0.0.0', PORT: String(port), MACHINE_NAME: machine, ...(keeps && { DATA_DIR: '/data' }), ...env };
}

function cpusOf(machine: MachineDescription): string {
  return String(Number((cpuShareOf(machine) ?? 1).toFixed(3)));
}

/** The volumes that a service is told of. */
export function volumesIn(stack: StackDescription, service: ServiceDescription): string[] {
  const texts = 'env' in service ? Object.values(service.env) : [];
  return stack.volumes.filter((volume) => texts.some((text) => text.includes(`⟦volume ${volume}⟧`)));
}

const commandName = (command: string): string => command.split(/[/\\]/).at(-1) ?? command;
const slashes = (file: string): string => file.replaceAll('\\', '/').replace(/^\.\//, '');
