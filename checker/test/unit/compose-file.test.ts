// What a compose.yaml says. After a change that is meant, `npx vitest run --project unit compose-file -u` writes the golden files anew;
// read what has changed in them before it is committed.

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { knowsStartInterval } from '../../src/compose/compose-file.ts';
import { composeName } from '../../src/compose/names.ts';
import { isUntouched } from '../../src/compose/signature.ts';
import { defineStack } from '../../src/stack/index.ts';
import { composed, solvedSteps } from '../composed.ts';
import { temporaryFolder } from './temporary.ts';

interface Service {
  image: string;
  user?: string;
  read_only?: boolean;
  command?: string | string[];
  environment?: Record<string, string>;
  ports?: string[];
  networks?: string[] | Record<string, unknown>;
  network_mode?: string;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  tmpfs?: string[];
  healthcheck?: Record<string, unknown>;
  cap_drop?: string[];
}
interface Compose {
  name: string;
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes?: Record<string, unknown>;
  secrets?: Record<string, { file: string }>;
  configs?: Record<string, { content: string }>;
}

const read = (text: string): Compose => parse(text, { merge: true }) as Compose;
const networksOf = ({ services }: Compose, name: string): string[] => {
  const { networks = [], network_mode: mode = '' } = services[name]!;
  return mode.startsWith('service:') ? networksOf({ services } as Compose, mode.slice('service:'.length)) : Array.isArray(networks) ? networks : Object.keys(networks);
};
const shared = (compose: Compose, one: string, other: string): string[] => networksOf(compose, one).filter((name) => networksOf(compose, other).includes(name));

const solved = await solvedSteps(temporaryFolder());

/** Whom each waits for, directly or through others. */
function waitsOf({ services }: Compose, name: string): Set<string> {
  const seen = new Set(Object.keys(services[name]!.depends_on ?? {}));
  for (const each of seen) for (const next of Object.keys(services[each]?.depends_on ?? {})) seen.add(next);
  return seen;
}

/** What every compose.yaml has to keep to. */
function expectSound(text: string): Compose {
  const compose = read(text);
  expect(isUntouched(text)).toBe(true);
  expect(text).not.toMatch(/\n\n\n|[ \t]\n/);
  expect(text).not.toContain('⟦');
  for (const [name, service] of Object.entries(compose.services)) {
    expect(service.image, name).toMatch(/^[a-z]+:\d[\w.-]*$|^\$\{IMAGE_/);
    expect(service.ports ?? [], name).toEqual((service.ports ?? []).filter((port) => /^127\.0\.0\.1:\$\{PORT_[A-Z0-9_]+:-\d+\}:\d+$/.test(port)));
    for (const mount of service.volumes ?? []) expect(mount, name).toMatch(/^(?:\.{1,2}(?:\/[\w.-]+)*|[\w-]+):\/[\w./-]+(?::ro)?$/);
    for (const waited of Object.keys(service.depends_on ?? {})) expect(Object.keys(compose.services), name).toContain(waited);
    expect([...waitsOf(compose, name)], `${name} waits for itself`).not.toContain(name);
    for (const [waited, { condition }] of Object.entries(service.depends_on ?? {})) {
      if (condition === 'service_healthy') expect(compose.services[waited], waited).toHaveProperty('healthcheck');
    }
    const { network_mode: mode } = service;
    if (mode?.startsWith('service:')) expect(Object.keys(compose.services)).toContain(mode.slice('service:'.length));
    else if (mode === undefined) expect(networksOf(compose, name).length, `${name} is in Compose's own network`).toBeGreaterThan(0);
    for (const network of networksOf(compose, name)) expect(Object.keys(compose.networks)).toContain(network);
    for (const volume of (service.volumes ?? []).map((mount) => mount.split(':')[0]!)) {
      if (!volume.startsWith('.')) expect(Object.keys(compose.volumes ?? {}), name).toContain(volume);
    }
    expect(service.cap_drop, name).toEqual(['ALL']);
  }
  for (const { file } of Object.values(compose.secrets ?? {})) expect(file).toMatch(/^\.\.\/\.\.\/\.graminsta\/compose\/[\w-]+\/[\w-]+$/);
  return compose;
}

describe.each(solved)('step $number', ({ number, stack, text, folder }) => {
  test('is the golden file', async () => {
    await expect(text).toMatchFileSnapshot(path.join(import.meta.dirname, `../golden/compose/${number}.yaml`));
  });

  test('is the same each time, and knows no place of this computer', async () => {
    const again = (await solvedSteps(temporaryFolder())).find((other) => other.number === number)!;
    expect(again.text).toBe(text);
    expect(text).not.toContain(path.dirname(path.dirname(folder)));
    expect(text).not.toContain(process.cwd());
  });

  test('is sound, and publishes its entrances', () => {
    const compose = expectSound(text);
    const entrances = Object.values(stack.entrances).flatMap((entrance) => (typeof entrance === 'string' ? [entrance] : Object.values(entrance)));
    const told = stack.machines.filter(({ name }) => stack.machines.some(({ services }) => services.some((service) => 'env' in service && Object.values(service.env).some((value) => value.includes(`⟦public ${name}`)))));
    const open = new Set([...entrances, ...told.map(({ name }) => name)]);
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
    const machineOf = (name: string): string => stack.machines.find((machine) => machine.services.some((service) => composeName(stack, { machine: machine.name, service: service.name }) === name))!.name;
    expect(new Set(published.map(machineOf))).toEqual(open);
  });

  test('a network is internal unless people come in by it, and lets nobody reach a database but those that were told of it', () => {
    const compose = read(text);
    const databases = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('postgres:')).map(([name]) => name);
    expect(databases).not.toEqual([]);
    for (const name of networksOf(compose, databases[0]!)) if (number !== '01') expect(compose.networks[name]?.internal).toBe(true);
    const outsiders = Object.keys(compose.services).filter((name) => /^(client|lb|edge|storage)/.test(name));
    for (const outsider of outsiders) for (const database of databases) expect(shared(compose, outsider, database), `${outsider} and ${database}`).toEqual([]);
  });
});

const node = 'src/api.ts';

test('nginx reads its template by the image\'s own way, as a user without rights', () => {
  const stack = defineStack(({ machine }) => {
    const [lb, api] = [machine('lb'), machine('api')];
    lb.nginx('lb.conf', { API: api.node(node).address });
    return { api: lb };
  });
  const { services } = expectSound(composed(stack));
  expect(services['lb']).toMatchObject({ user: '101:101', read_only: true, environment: { HOST: '0.0.0.0', PORT: '8080', API: 'api:3000' }, ports: ['127.0.0.1:${PORT_LB:-8090}:8080'] });
  expect(services['lb']?.volumes).toContain('./lb.conf:/etc/nginx/templates/default.conf.template:ro');
  expect(services['api']?.ports).toBeUndefined();
});

test('haproxy gets its configuration with the addresses in their places', () => {
  const stack = defineStack(({ machine }) => {
    const [lb, api] = [machine('lb'), machine('api')];
    lb.program('haproxy -f {config}', 'haproxy.cfg', { API: api.node(node).address });
    return { api: lb };
  });
  const templates = new Map([['haproxy.cfg', 'bind ${HOST}:${PORT}\nserver one ${API} # $HOME\n']]);
  const compose = expectSound(composed(stack, { keepers: new Set(), templates }));
  expect(compose.services['lb']).toMatchObject({ user: 'haproxy', command: ['haproxy', '-f', '/etc/graminsta/haproxy.cfg'], depends_on: { api: { condition: 'service_healthy' } } });
  expect(compose.configs).toEqual({ lb: { content: 'bind 0.0.0.0:8180\nserver one api:3000 # $$HOME\n' } });
});

test('a program without a known image asks for one, and nobody waits for its health', () => {
  const stack = defineStack(({ machine }) => {
    const [lb, front] = [machine('lb'), machine('front')];
    const proxy = lb.program('/opt/my-proxy {config}', 'my.cfg');
    front.node(node, { NEXT: proxy.url });
    return { api: front };
  });
  const { services } = expectSound(composed(stack));
  expect(services['lb']?.image).toMatch(/^\$\{IMAGE_LB:\?.*\/opt\/my-proxy/);
  expect(services['lb']?.healthcheck).toBeUndefined();
  expect(services['front']?.depends_on).toEqual({ lb: { condition: 'service_started' } });
});

test('a volume of several machines is handed over to their user first', () => {
  const stack = defineStack(({ machine, volume }) => {
    const photos = volume('photos');
    const [one, two] = [machine('one'), machine('two')];
    for (const each of [one, two]) each.node(node, { PHOTOS: photos.path });
    return { web: one, api: two };
  });
  const { services, volumes } = expectSound(composed(stack));
  for (const name of ['one', 'two']) {
    expect(services[name]?.volumes).toContain('photos:/volumes/photos');
    expect(services[name]?.environment).toMatchObject({ PHOTOS: '/volumes/photos' });
    expect(services[name]?.depends_on).toEqual({ 'volume-photos': { condition: 'service_completed_successfully' } });
  }
  expect(services['volume-photos']).toMatchObject({ command: ['chown', 'node:node', '/volumes/photos'], network_mode: 'none' });
  expect(volumes).toHaveProperty('photos');
});

test('several services of a machine share its network, each at a port of its own', () => {
  const stack = defineStack(({ machine }) => {
    const server = machine('server');
    const db = server.postgres();
    server.node(node, { DATABASE_URL: db.url });
    server.node('src/worker.ts', { DATABASE_URL: db.url });
    return { web: server };
  });
  const compose = expectSound(composed(stack));
  expect(Object.keys(compose.services)).toEqual(['server', 'server-postgres', 'server-node-2']);
  for (const name of ['server', 'server-node-2']) expect(compose.services[name]).toMatchObject({ network_mode: 'service:server-postgres', environment: { DATABASE_URL: expect.stringContaining('@127.0.0.1:5432/') as string } });
  expect(compose.services['server-node-2']?.environment).toMatchObject({ PORT: '3001' });
  expect(compose.services['server-postgres']?.ports).toEqual(['127.0.0.1:${PORT_SERVER:-8090}:3000']);
});

test('a standby begins as a copy of its primary, of which it knows the password by a file', () => {
  const stack = defineStack(({ machine }) => {
    const [api, db, replica] = [machine('api'), machine('db'), machine('replica')];
    const primary = db.postgres();
    api.node(node, { DATABASE_URL: primary.url, REPLICA_URL: replica.postgres({ replicaOf: db }).url });
    return { api };
  });
  const text = composed(stack);
  const compose = expectSound(text);
  expect(compose.services['replica']).toMatchObject({ depends_on: { db: { condition: 'service_healthy' } }, secrets: ['db-password'] });
  expect(String(compose.services['replica']?.command)).toContain('pg_basebackup');
  expect(shared(compose, 'replica', 'db')).not.toEqual([]);
  expect(Object.keys(compose.secrets ?? {})).toEqual(['db-password']);
  expect(text.replaceAll('"', "'")).toContain('A copy of db that can be read');
});

test('what stack.ts gives a program is told literally', () => {
  const stack = defineStack(({ machine }) => {
    const api = machine('api');
    api.node(node, { PRICE: '$5 ${HOME}', YES: 'yes', DATE: '2020-02-03', OCTAL: '010' });
    return { api };
  });
  const { services } = expectSound(composed(stack));
  expect(services['api']?.environment).toMatchObject({ PRICE: '$$5 $${HOME}', YES: 'yes', DATE: '2020-02-03', OCTAL: '010' });
});

test.each([
  ['24.0.9', false],
  ['25.0.0', true],
  ['28.5.2', true],
])('an engine %s knows start_interval: %s', (version, knows) => {
  expect(knowsStartInterval({ version })).toBe(knows);
  const stack = defineStack(({ machine }) => {
    const api = machine('api');
    api.node(node);
    return { api };
  });
  const text = composed(stack, undefined, knowsStartInterval({ version }));
  expect(read(text).services['api']?.healthcheck).toMatchObject(knows ? { interval: '10s', start_interval: '250ms' } : { interval: '1s' });
  expect(/^ +start_interval:/m.test(text)).toBe(knows);
});
