// A stack as a compose.yaml: a text that people can read, run and go on with.

import { findMachine, type MachineDescription, type ServiceDescription, type StackDescription } from '../stack/description.ts';
import { ComposeTexts, portText, publications, volumeFolder, type Publication } from './addresses.ts';
import { images } from '../runtime/containers/images.ts';
import { composeName, mainServiceOf, networkHolderOf } from './names.ts';
import { frontNetwork, privateNetworks, type PrivateNetwork } from './networks.ts';
import { inOrderOfRequests, volumeServiceName, waitsOf, type Wait } from './order.ts';
import { secretsOf } from './secrets.ts';
import { filesFolder, packagesFolder, readiness, serviceParts, type ServiceParts, type Surroundings } from './services.ts';
import { signed } from './signature.ts';
import type { StepReads } from './step-reads.ts';
import { shorten } from './alike.ts';
import { noted, sameAs, yamlText, type Fields, type Value } from './yaml-text.ts';

export interface ComposeFileOptions {
  description: StackDescription;
  step: { number: number; title: string };
  /** The step's folder below `steps`: `04-load-balancer`. */
  name: string;
  reads: StepReads;
  /** Where the files with the passwords are, as seen from the step's folder, with `/`. */
  secretsFolder: string;
  /** Whether the engine knows `start_interval`: Docker does from version 25 on. */
  startInterval?: boolean;
}

/** Whether an engine takes `start_interval`: one before version 25 refuses it. Where there is none to ask, a new one is expected. */
export function knowsStartInterval(engine: { version: string } | undefined): boolean {
  return engine === undefined || Number.parseInt(engine.version, 10) >= 25;
}

/** The whole text of a compose.yaml. It is the same for the same stack. */
export function composeFile({ description: stack, step, name, reads, secretsFolder, startInterval = true }: ComposeFileOptions): string {
  const number = name.slice(0, 2);
  const ports = publications(stack, step.number);
  const networks = privateNetworks(stack);
  const front = frontNetwork(stack);
  const around: Surroundings = { stack, reads, texts: new ComposeTexts(stack, ports), health: (test) => ({ '<<': sameAs('health'), test }) };

  const services: [string, Fields, string[]][] = [];
  const parts: ServiceParts[] = [];
  for (const machine of inOrderOfRequests(stack)) {
    for (const service of inOrder(machine)) {
      const one = serviceParts(machine, service, around);
      parts.push(one);
      const fields = { ...one.fields, ...place(stack, machine, service, { ports, networks, front }) };
      services.push([composeName(stack, { machine: machine.name, service: service.name }), fields, commentOf(stack, machine, service, ports)]);
    }
  }
  for (const volume of stack.volumes) services.push([volumeServiceName(stack, volume), volumeService(volume), [`A new volume belongs to root. This hands ${volume} over to the user node, and ends.`]]);

  const secrets = secretsOf(stack);
  const volumes = [...new Set(parts.flatMap((one) => one.volumes))];
  const configs = Object.assign({}, ...parts.map((one) => one.configs ?? {})) as Fields;
  const runsNode = stack.machines.some((machine) => machine.services.some(({ kind }) => kind === 'node'));
  const runsConfined = stack.machines.some((machine) => machine.services.some(({ kind }) => kind !== 'program'));
  const document: Fields = {
    name: `graminsta-${number}`,
    ...(runsConfined && { 'x-confined': noted(confined, { anchor: 'confined', apart: true, comment: 'What each container may: nothing but compute, keep what its volumes hold, and talk to its networks.' }) }),
    'x-health': noted(healthcheckTimes(startInterval), {
      anchor: 'health',
      apart: true,
      comment: startInterval ? 'Looked at often while it starts, and seldom later.' : 'An engine before version 25 does not know start_interval, which would look often at the start only.',
    }),
    ...(runsNode && { 'x-node': noted(nodeService(around), { anchor: 'node', apart: true, comment: nodeComment(stack) }) }),
    services: noted(
      Object.fromEntries(shorten(services).map(([service, fields, comment, anchor], index) => [service, noted(fields, { comment, anchor, apart: index > 0 })])),
      { apart: true },
    ),
    networks: noted(
      {
        ...(ports.length > 0 && { [front]: noted({}, { comment: 'Where people come in from outside.' }) }),
        ...Object.fromEntries(
          networks.map((network, index) => [network.name, noted({ internal: true }, { flow: true, ...(index === 0 && { comment: networkComment }) })]),
        ),
      },
      { apart: true },
    ),
    ...(volumes.length > 0 && {
      volumes: noted(Object.fromEntries(volumes.map((volume) => [volume, {}])), { apart: true, comment: 'Disks. They stay when containers go: "docker compose down -v" removes them as well.' }),
    }),
    ...(secrets.length > 0 && {
      secrets: noted(Object.fromEntries(secrets.map((secret) => [secret.name, noted({ file: `${secretsFolder}/${secret.name}` }, { flow: true })])), {
        apart: true,
        comment: 'In files that git ignores, and mounted below /run/secrets of those that need them.',
      }),
    }),
    ...(Object.keys(configs).length > 0 && {
      configs: noted(configs, { apart: true, comment: 'Configuration files as the machines get them, with the addresses in their places.' }),
    }),
  };
  return signed(yamlText(document, header(stack, step, ports)), number);
}

function header(stack: StackDescription, step: { number: number; title: string }, ports: readonly Publication[]): string[] {
  const width = Math.max(...ports.map(({ machine }) => machine.length), 0);
  const accident = accidentTo(stack);
  const isFar = new Set(stack.machines.map(({ region }) => region)).size > 1;
  return [
    `Step ${step.number} · ${step.title}. In this folder:`,
    '',
    '  docker compose up --wait       starts the machines, those first that others need, until all can serve',
    '  docker compose logs --follow   what they say',
    `${`  docker compose kill ${accident}`.padEnd(32)} an accident; "start ${accident}" puts an end to it`,
    '  docker compose down            stops them; what they keep stays. With -v that goes as well',
    '',
    ...(ports.length > 0 ? ['People come in at'] : []),
    ...ports.map(({ machine, port, entrances }) => `  http://localhost:${port}   ${machine.padEnd(width)}   ${entrances.length > 0 ? entrances.join(', ') : 'an address that apps tell people'}`),
    ...(ports[0] ? [`Another port, where one is taken: ${ports[0].variable}=9000 docker compose up --wait`] : []),
    ...(isFar ? ['', 'Its machines are in several regions. On Docker all of them are next to each other: distance is in "npm run up" and in the checks.'] : []),
  ];
}

/** A machine whose loss is worth a look. */
function accidentTo(stack: StackDescription): string {
  const [machine] = stack.machines.filter(({ services }) => services.some(({ kind }) => kind === 'postgres'));
  const { name, services } = machine ?? stack.machines[0]!;
  return composeName(stack, { machine: name, service: (services.find(({ kind }) => kind === 'postgres') ?? services[0]!).name });
}

const confined: Fields = {
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  init: noted(true, { comment: 'A first process that passes signals on and buries the dead.' }),
  stop_grace_period: noted('10s', { comment: 'As long as a deploy waits after SIGTERM.' }),
  deploy: { resources: { limits: { memory: '1G' } } },
};

function nodeComment(stack: StackDescription): string[] {
  const machine = stack.machines.find(({ services }) => services.some(({ kind }) => kind === 'node'))!;
  const service = composeName(stack, { machine: machine.name, service: machine.services.find(({ kind }) => kind === 'node')!.name });
  return [
    'A Node program. Node.js 24 takes the types out of TypeScript by itself, so there is no image to build: the container sees the',
    `files of this folder. After a change: docker compose restart ${service}`,
  ];
}

function nodeService({ health }: Surroundings): Fields {
  return {
    '<<': sameAs('confined'),
    image: images.node,
    user: 'node',
    working_dir: filesFolder,
    volumes: [noted(`.:${filesFolder}:ro`, { anchor: 'files' }), noted(`../../node_modules:${packagesFolder}:ro`, { anchor: 'packages' })],
    tmpfs: ['/tmp'],
    environment: noted({ HOST: noted('0.0.0.0', { comment: 'On every network of its container, and it has none but those below.' }), PORT: '3000' }, { anchor: 'node-environment' }),
    healthcheck: noted(health(readiness(3000)), { comment: 'Whether it can serve. A program without /readyz answers 404, and is there all the same.' }),
  };
}

function healthcheckTimes(startInterval: boolean): Fields {
  if (!startInterval) return { interval: '1s', timeout: '3s', retries: 10, start_period: '30s' };
  return { interval: '10s', timeout: '3s', retries: 3, start_period: '30s', start_interval: '250ms' };
}

interface Nets {
  ports: readonly Publication[];
  networks: readonly PrivateNetwork[];
  front: string;
}

/** Where a service stands among the others: its networks, its published port, and whom it waits for. */
function place(stack: StackDescription, machine: MachineDescription, service: ServiceDescription, { ports, networks, front }: Nets): Fields {
  const waits = waitsOf(stack, machine, service);
  const dependsOn = waits.length === 0 ? {} : { depends_on: Object.fromEntries(waits.map((wait) => [wait.name, waitFields(wait)])) };
  const holder = networkHolderOf(machine);
  if (service.name !== holder) {
    const container = composeName(stack, { machine: machine.name, service: holder });
    return { network_mode: noted(`service:${container}`, { comment: 'One machine has one network, and this is the same machine.' }), ...dependsOn };
  }
  const published = ports.find((publication) => publication.machine === machine.name);
  const mine = networks.filter(({ providers, consumers }) => providers.includes(machine.name) || consumers.includes(machine.name)).map((network) => network.name);
  const all = published ? [front, ...mine] : mine;
  // Others know the machine by its own name, whatever the service is called that has its network.
  const names = service.name === mainServiceOf(machine) ? all : Object.fromEntries(all.map((network) => [network, { aliases: [machine.name] }]));
  return {
    ...(published && { ports: [noted(`127.0.0.1:${portText(published)}:${published.innerPort}`, {})] }),
    networks: names,
    ...dependsOn,
  };
}

function waitFields({ condition, restart }: Wait): Value {
  return noted({ condition, ...(restart && { restart }) }, { flow: true });
}

function volumeService(volume: string): Fields {
  return {
    image: images.node,
    user: 'root',
    command: ['chown', 'node:node', volumeFolder(volume)],
    network_mode: 'none',
    read_only: true,
    cap_drop: ['ALL'],
    cap_add: ['CHOWN'],
    volumes: [`${volume}:${volumeFolder(volume)}`],
  };
}

/** The front of a machine first, as people meet it. */
function inOrder(machine: MachineDescription): ServiceDescription[] {
  const main = machine.services.find(({ name }) => name === mainServiceOf(machine))!;
  return [main, ...machine.services.filter((service) => service !== main)];
}

const networkComment = [
  'One for what each tier offers, and in it nobody but those that were told its address. Internal: no way leads from there to the',
  'internet, or back.',
];

function commentOf(stack: StackDescription, machine: MachineDescription, service: ServiceDescription, ports: readonly Publication[]): string[] {
  const isMain = service.name === mainServiceOf(machine);
  const published = isMain ? ports.find((publication) => publication.machine === machine.name) : undefined;
  const lines: string[] = [];
  if (published) {
    const entrances = published.entrances.length === 0 ? 'apps tell people this address' : `the entrance ${published.entrances.join(' and ')}`;
    lines.push(`http://localhost:${published.port}: ${entrances}.`);
  }
  if (!isMain) lines.push(`On the same machine as ${composeName(stack, { machine: machine.name, service: mainServiceOf(machine) })}.`);
  if (service.kind === 'postgres' && service.replicaOf !== undefined) lines.push(`A copy of ${findMachine(stack, service.replicaOf)?.name ?? ''} that can be read, and follows it.`);
  return lines;
}
