// The mistakes of a stack.ts, each with the sentence that a learner reads, and the stacks that checks make of it.

import { describe, expect, test } from 'vitest';
import { addMachineLike, resizeMachine, substituteMachine } from '../../src/stack/rearrange.ts';
import type { MachineDescription, StackDescription } from '../../src/stack/description.ts';
import { defineStack, StackError, type StackBuilder } from '../../src/stack/index.ts';
import { nearest } from '../../src/stack/nearest.ts';
import { referencesIn } from '../../src/stack/reference.ts';
import { linksOf, resolveText } from '../../src/stack/resolve.ts';
import { defineStep, type Fixed } from '../../src/stack/step.ts';
import { missingOfFixed } from '../../src/stack/validate.ts';
import { environments, here, onDocker } from './addressings.ts';

/** What a learner may write and TypeScript would underline: an editor is not a condition. */
function untyped(value: unknown): never {
  return value as never;
}

type Describe = Parameters<typeof defineStack>[0];

const mistakes: [what: string, describe: Describe, sentence: string][] = [
  [
    'two machines of one name',
    ({ machine }) => ({ web: machine('server'), api: machine('server') }),
    `Two machines are named "server". Give one of them another name, or keep the machine in a variable and use it twice: const server = machine('server').`,
  ],
  [
    'a machine named as one of a group is',
    ({ machine, machines }) => {
      machines('api', 2).node('a.ts');
      return { web: machine('api-2') };
    },
    `Two machines are named "api-2". Give one of them another name, or keep the machine in a variable and use it twice: const api_2 = machine('api-2').`,
  ],
  [
    'a name that no host could have',
    ({ machine }) => ({ web: machine('My Server') }),
    '"My Server" cannot name a machine: use small letters, digits and dashes, at most 30, beginning with a letter.',
  ],
  [
    'a name that is none',
    ({ machine }) => ({ web: machine(untyped(undefined)) }),
    'undefined cannot name a machine: use small letters, digits and dashes, at most 30, beginning with a letter.',
  ],
  [
    'a volume with a path for a name',
    ({ machine, volume }) => {
      volume('../shared');
      return { web: machine('server') };
    },
    '"../shared" cannot name a volume: use small letters, digits and dashes, at most 30, beginning with a letter.',
  ],
  [
    'a group of none',
    ({ machines }) => untyped(machines('api', 0)),
    "machines('api', 0): the count must be a whole number from 1 to 20.",
  ],
  [
    'a group of half a machine',
    ({ machines }) => untyped(machines('api', 1.5)),
    "machines('api', 1.5): the count must be a whole number from 1 to 20.",
  ],
  ['no machines', () => ({}), "The stack has no machines. Begin with: const server = machine('server');"],
  [
    'a machine without a service',
    ({ machine }) => {
      machine('db');
      const server = machine('server');
      server.node('src/server.ts');
      return { web: server };
    },
    `Nothing runs on machine "db". Give it a service, for example db.node('src/server.ts'), or remove it.`,
  ],
  [
    'an option of a machine that there is not, and the one that was meant',
    ({ machine }) => ({ web: machine('server', untyped({ sise: 1 })) }),
    'machine "server": there is no option "sise"; did you mean "size"? Options are region, size.',
  ],
  [
    'an option that is like none',
    ({ machine }) => ({ web: machine('server', untyped({ memory: 1 })) }),
    'machine "server": there is no option "memory". Options are region, size.',
  ],
  [
    'an option of a group that there is not',
    ({ machines }) => untyped(machines('api', 2, untyped({ regio: 'eu' }))),
    'machine "api-1": there is no option "regio"; did you mean "region"? Options are region, size.',
  ],
  [
    'an option of postgres that there is not',
    ({ machine }) => untyped(machine('db').postgres(untyped({ pasword: 'x' }))),
    'postgres on machine "db": there is no option "pasword"; did you mean "password"? Options are user, password, database, replicaOf.',
  ],
  [
    'an option that is undefined',
    ({ machine }) => untyped(machine('db').postgres({ password: undefined })),
    'postgres on machine "db": the option "password" is undefined. Leave it out or give it a value.',
  ],
  [
    'an empty password',
    ({ machine }) => untyped(machine('db').postgres({ password: '' })),
    'postgres on machine "db": "password" must be a text that is not empty.',
  ],
  [
    'a region that there is not',
    ({ machine }) => ({ web: machine('server', { region: untyped('mars') }) }),
    'machine "server": "mars" is no region. Regions are us, eu, ap.',
  ],
  ...[0, 1.1, -1, '1'].map((size): [string, Describe, string] => [
    `a size of ${JSON.stringify(size)}`,
    ({ machine }) => ({ web: machine('server', { size: untyped(size) }) }),
    'machine "server": "size" is a share of one CPU, above 0 and up to 1.',
  ]),
  [
    'the address of a machine instead of a service',
    ({ machine }) => {
      const db = machine('db');
      db.postgres();
      const server = machine('server');
      server.node('src/server.ts', { DATABASE_URL: untyped(Reflect.get(db, 'url')) });
      return { web: server };
    },
    'There is no "url" of machine "db". Addresses belong to services: keep what machine.postgres() or machine.node() returns, and use its .url. Or use .publicUrl, where people reach it.',
  ],
  [
    'the password of a machine, which no people outside need',
    ({ machine }) => untyped(Reflect.get(machine('db'), 'password')),
    'There is no "password" of machine "db". Addresses belong to services: keep what machine.postgres() or machine.node() returns, and use its .password.',
  ],
  [
    'something of a machine that there is not',
    ({ machine }) => untyped(Reflect.get(machine('server'), 'nod')),
    'There is no "nod" of machine "server". It has name, publicUrl, node, redis, nginx, program, postgres, service; did you mean "node"?',
  ],
  [
    'something of a service that there is not, and what was meant',
    ({ machine }) => untyped(Reflect.get(machine('db').postgres(), 'prot')),
    'There is no "prot" of postgres on machine "db". It has url, host, port, address, user, password, database; did you mean "port"?',
  ],
  [
    'a password of a service that has none',
    ({ machine }) => untyped(Reflect.get(machine('cache').redis(), 'password')),
    'There is no "password" of redis on machine "cache". It has url, host, port, address.',
  ],
  [
    'something of a group that there is not',
    ({ machines }) => untyped(Reflect.get(machines('api', 3).node('a.ts'), 'url')),
    'There is no "url" of the services on machines "api". It has urls, addresses; did you mean "urls"?',
  ],
  ...[['urls', 'urls'], ['url', 'urls'], ['addresses', 'addresses'], ['host', 'addresses']].map(([asked = '', instead = '']): (typeof mistakes)[number] => [
    `"${asked}" of the machines of a group, which only their services have`,
    ({ machines }) => untyped(Reflect.get(machines('api', 3), asked)),
    `There is no "${asked}" of machines "api". Addresses belong to services: keep what machines('api', 3).node(…) returns, and use its .${instead}.`,
  ]),
  [
    'something of a group of machines that there is not',
    ({ machines }) => untyped(Reflect.get(machines('api', 3), 'name')),
    'There is no "name" of machines "api". It has names, node, nginx, program; did you mean "names"?',
  ],
  [
    'a variable that is undefined',
    ({ machine }) => untyped(machine('server').node('a.ts', { DATABASE_URL: untyped(undefined) })),
    'machine "server": the variable DATABASE_URL is undefined. Give it a text, a number or a reference such as db.url.',
  ],
  [
    'a variable that is null',
    ({ machine }) => untyped(machine('server').node('a.ts', { DATABASE_URL: untyped(null) })),
    'machine "server": the variable DATABASE_URL is null. Give it a text, a number or a reference such as db.url.',
  ],
  [
    'a variable that is a service and not its address',
    ({ machine }) => untyped(machine('server').node('a.ts', { DATABASE_URL: untyped(machine('db').postgres()) })),
    'machine "server": the variable DATABASE_URL is an object. Give it a text, a number or a reference such as db.url.',
  ],
  [
    'a variable that is a boolean',
    ({ machine }) => untyped(machine('server').nginx('nginx.conf', { TLS: untyped(true) })),
    'machine "server": the variable TLS is a boolean. Give it a text, a number or a reference such as db.url.',
  ],
  [
    'a list of services and not of their addresses',
    ({ machine }) => {
      const api = machine('api').node('a.ts');
      return untyped(machine('lb').node('b.ts', { UPSTREAMS: untyped([api.url, api]) }));
    },
    'machine "lb": the variable UPSTREAMS holds an object. Give it a text, a number or a reference such as db.url.',
  ],
  [
    'a list with a hole',
    ({ machine }) => untyped(machine('lb').node('b.ts', { UPSTREAMS: untyped(['http://a', undefined]) })),
    'machine "lb": the variable UPSTREAMS holds undefined. Give it a text, a number or a reference such as db.url.',
  ],
  [
    'a variable with a dash in its name',
    ({ machine }) => untyped(machine('server').node('a.ts', { 'POOL-MAX': 10 })),
    'machine "server": "POOL-MAX" cannot name a variable. Use letters, digits and underscores.',
  ],
  [
    'node() without a file',
    ({ machine }) => {
      const server = machine('server');
      server.node(untyped(undefined));
      return { web: server };
    },
    'machine "server": node() needs the file to run.',
  ],
  [
    'program() without a command',
    ({ machine }) => untyped(machine('lb').program('  ', 'haproxy.cfg')),
    'machine "lb": program() needs the command to run.',
  ],
  [
    'an address in a command, where nothing replaces it',
    ({ machine }) => {
      const api = machine('api').node('a.ts');
      return untyped(machine('lb').program(`proxy --to ${api.address}`, 'proxy.cfg'));
    },
    `machine "lb": the command of program() holds an address. Give the address as a variable and use it in the configuration file, for example program('haproxy -f {config}', 'haproxy.cfg', { API: api.address }).`,
  ],
  [
    'a service further down that never comes',
    ({ machine }) => {
      const lb = machine('lb');
      lb.nginx('nginx.conf');
      machine('api').node('a.ts', { TRUSTED_PROXY: lb.service('node').host });
      return { api: lb };
    },
    'machine "api", variable TRUSTED_PROXY: there is no node on a machine "lb" in this stack.',
  ],
  [
    'a service of a kind that there is not',
    ({ machine }) => untyped(machine('lb').service(untyped('balancer'))),
    'machine "lb": there is no service of the kind "balancer". Kinds are node, nginx, program, redis, postgres.',
  ],
  [
    'a public address of a machine that answers nobody',
    ({ machine }) => {
      const db = machine('db');
      db.postgres();
      const server = machine('server');
      server.node('a.ts', { LINK: db.publicUrl });
      return { web: server };
    },
    'machine "server", variable LINK: "db" has no public address, because nothing on it answers people.',
  ],
  [
    'replicaOf in a circle',
    ({ machine }) => {
      const [a, b, c] = [machine('a'), machine('b'), machine('c')];
      a.postgres({ replicaOf: b });
      b.postgres({ replicaOf: c });
      c.postgres({ replicaOf: a });
      return {};
    },
    'replicaOf goes in a circle: a follows b follows c follows a. One of them has to be the primary, without replicaOf.',
  ],
  [
    'a replica of itself',
    ({ machine }) => {
      const db = machine('db');
      db.postgres({ replicaOf: db });
      return {};
    },
    'replicaOf goes in a circle: db follows db. One of them has to be the primary, without replicaOf.',
  ],
  [
    'a replica of a machine without postgres',
    ({ machine }) => {
      const server = machine('server');
      server.node('a.ts');
      machine('replica').postgres({ replicaOf: server });
      return { web: server };
    },
    'machine "replica": replicaOf leads to "server", which has no postgres to follow.',
  ],
  [
    'a replica of a name',
    ({ machine }) => untyped(machine('replica').postgres({ replicaOf: untyped('db') })),
    'postgres on machine "replica": replicaOf takes the machine or the postgres to follow, for example replicaOf: db.',
  ],
  [
    'an entrance to a machine that answers nobody',
    ({ machine }) => {
      const db = machine('db');
      db.postgres();
      return { api: db };
    },
    'The entrance "api" leads to machine "db", but no service there answers people: it needs a node, nginx or program.',
  ],
  [
    'an entrance of one region to a machine that answers nobody',
    ({ machine }) => {
      const [us, eu] = [machine('edge-us'), machine('edge-eu')];
      us.node('edge.ts');
      eu.redis();
      return { web: { us, eu } };
    },
    'The entrance "web" leads to machine "edge-eu", but no service there answers people: it needs a node, nginx or program.',
  ],
  [
    'an entrance that is a service',
    ({ machine }) => ({ web: untyped(machine('server').node('a.ts')) }),
    `The entrance "web" is not a machine. Return what machine('…') gave you: { web: server }.`,
  ],
  [
    'an entrance that is a name',
    ({ machine }) => {
      machine('server').node('a.ts');
      return { web: untyped('server') };
    },
    `The entrance "web" is not a machine. Return what machine('…') gave you: { web: server }.`,
  ],
  [
    'an entrance for a region that there is not',
    ({ machine }) => {
      const server = machine('server');
      server.node('a.ts');
      return { web: untyped({ us: server, mars: server }) };
    },
    'The entrance "web": "mars" is no region. Regions are us, eu, ap, as in { web: { us: edgeUs, eu: edgeEu } }.',
  ],
  [
    'no entrances at all',
    ({ machine }) => {
      machine('server').node('a.ts');
      return untyped(undefined);
    },
    'defineStack got no entrances. End the function with: return { web: server, api: server };',
  ],
];

describe('a mistake in stack.ts is told in one sentence:', () => {
  test.each(mistakes)('%s', (_what, describe, sentence) => {
    expect(() => defineStack(describe)).toThrow(new StackError(sentence));
  });
});

describe('a description', () => {
  test('names the services of a machine by kind, and from the second on by number', () => {
    const { machines } = defineStack(({ machine }) => {
      const server = machine('server');
      server.node('a.ts');
      server.node('b.ts');
      server.redis();
      server.node('c.ts');
      return { web: server };
    });
    expect(machines[0]?.services.map(({ name }) => name)).toEqual(['node', 'node-2', 'redis', 'node-3']);
  });

  test('knows two services of one kind on a machine apart', () => {
    const stack = defineStack(({ machine }) => {
      const server = machine('server');
      const first = server.node('a.ts');
      const second = server.node('b.ts');
      machine('lb').node('c.ts', { BOTH: [first.url, second.url] });
      return { web: server };
    });
    expect(linksOf(stack).map(({ provider }) => provider.service)).toEqual(['node', 'node-2']);
  });

  test('takes the name of a database from its user, as the official image does', () => {
    const { machines } = defineStack(({ machine }) => {
      machine('db').postgres({ user: 'ada' });
      return {};
    });
    expect(machines[0]?.services).toEqual([{ kind: 'postgres', name: 'postgres', user: 'ada', password: 'graminsta', database: 'ada' }]);
  });

  test('follows a primary through another replica', () => {
    const stack = defineStack(({ machine }) => {
      const db = machine('db').postgres({ user: 'ada', password: 'secret', database: 'photos' });
      const first = machine('first').postgres({ replicaOf: db });
      const second = machine('second').postgres({ replicaOf: first });
      const server = machine('server');
      server.node('a.ts', { URL: second.url });
      return { web: server };
    });
    expect(environments(stack, onDocker(stack))['server/node']).toEqual({ URL: 'postgres://ada:secret@second:5432/photos' });
  });

  test('may be awaited and printed by whoever describes it, without being taken for a mistake', () => {
    const look = ({ machine }: StackBuilder): unknown => {
      const server = machine('server');
      server.node('a.ts');
      return [JSON.stringify(server), Reflect.get(server, 'then'), String(Reflect.get(server, Symbol.toStringTag))];
    };
    let seen: unknown;
    defineStack((builder) => {
      seen = look(builder);
      return {};
    });
    expect(seen).toEqual([expect.stringContaining('"name":"server"'), undefined, 'undefined']);
  });

  test('leaves brackets alone that only look like a reference', () => {
    expect(referencesIn('⟦⟧ ⟦db⟧ ⟦ ⟦db/postgres⟧')).toEqual([]);
    const stack = { machines: [], volumes: [], entrances: {} };
    expect(resolveText(stack, 'server', '⟦not one⟧', here())).toBe('⟦not one⟧');
  });
});

describe('a suggestion', () => {
  test('is the nearest name, and none when nothing is near', () => {
    expect(nearest.of('pasword', ['user', 'password'])).toBe('password');
    expect(nearest.of('zzzzz', ['user', 'password'])).toBeUndefined();
    expect(nearest.of('user', [])).toBeUndefined();
    expect(nearest.of('db', ['us', 'eu'])).toBeUndefined();
  });
});

describe('what a step fixes', () => {
  const fixed: Fixed = {
    machines: [
      { name: 'server', hosts: 'the app' },
      { name: 'db', hosts: 'the database and nothing else' },
    ],
    entrances: [
      { name: 'web', machine: 'server', meaning: 'where browsers open the page' },
      { name: 'api', machine: 'server', meaning: 'where programs call the API' },
    ],
    variables: [],
    bounds: [],
  };
  const withMachines = (names: string[], entrances: StackDescription['entrances']): StackDescription => ({
    machines: names.map((name) => ({ name, region: 'us', services: [] })),
    volumes: [],
    entrances,
  });

  test('is all there in a stack that has it, and more', () => {
    expect(missingOfFixed(withMachines(['server', 'db', 'mine'], { web: 'server', api: 'server', more: 'mine' }), fixed)).toBeUndefined();
  });

  test('is missed by the name of the machine, with the one that was meant', () => {
    expect(missingOfFixed(withMachines(['server', 'dv'], {}), fixed)).toBe(
      'This step needs a machine named "db" (the database and nothing else). stack.ts describes "server" and "dv". Is "dv" meant to be it?',
    );
    expect(missingOfFixed(withMachines(['everything'], {}), fixed)).toBe(
      'This step needs a machine named "server" (the app). stack.ts describes "everything".',
    );
    const withBalancer: Fixed = { ...fixed, machines: [...fixed.machines, { name: 'lb', hosts: 'the balancer' }] };
    expect(missingOfFixed(withMachines(['server', 'lb'], {}), withBalancer)).toBe(
      'This step needs a machine named "db" (the database and nothing else). stack.ts describes "server" and "lb".',
    );
  });

  test('is missed by the name of the entrance', () => {
    expect(missingOfFixed(withMachines(['server', 'db'], { web: 'server' }), fixed)).toBe(
      'People of this step come in by the entrance "api". Return it at the end of stack.ts: { api: server }.',
    );
  });

  test('is not there when an entrance leads elsewhere', () => {
    expect(missingOfFixed(withMachines(['server', 'db'], { web: 'db', api: 'server' }), fixed)).toBe(
      'The entrance "web" of this step is the machine "server", and stack.ts leads it to "db".',
    );
    expect(missingOfFixed(withMachines(['server', 'db'], { web: { us: 'db' }, api: 'server' }), fixed)).toBe(
      'The entrance "web" of this step is the machine "server", and stack.ts leads it to { us: db }.',
    );
  });

  test('can be an entrance for each region', () => {
    const edges: Fixed = { ...fixed, machines: [], entrances: [{ name: 'web', machine: { us: 'edge-us', eu: 'edge-eu' }, meaning: '' }] };
    const web = (entrance: StackDescription['entrances'][string]): string | undefined => missingOfFixed(withMachines([], { web: entrance }), edges);
    expect(web({ eu: 'edge-eu', us: 'edge-us' })).toBeUndefined();
    const written = "Write { web: { us: edgeUs, eu: edgeEu } }, in which edgeUs is machine('edge-us'), and so on.";
    expect(web({ us: 'edge-us' })).toBe(`The entrance "web" of this step is a machine for each region, and stack.ts leads it to { us: edgeUs }. ${written}`);
    expect(web('edge-us')).toBe(`The entrance "web" of this step is a machine for each region, and stack.ts leads it to "edge-us". ${written}`);
  });
});

test('a step numbers its exercises in order, and each check begins as version 1', () => {
  const exercise = { title: '', kind: 'core' as const, minutes: 1, files: [], hints: ['', '', ''] as [string, string, string], checked: [] };
  const { exercises } = defineStep({
    number: 4,
    title: '',
    users: '',
    pain: '',
    fixed: { machines: [], entrances: [], variables: [], bounds: [] },
    exercises: [{ ...exercise, slug: 'a' }, { ...exercise, slug: 'b', version: 3 }],
  });
  expect(exercises.map(({ slug, number, version }) => [slug, number, version])).toEqual([['a', '4.1', 1], ['b', '4.2', 3]]);
});

describe('a machine that is substituted', () => {
  const stack = defineStack(({ machine, machines, volume }) => {
    const lb = machine('lb');
    const db = machine('db').postgres();
    // A name that begins as the other's does must not be taken for it.
    const other = machine('db-old').postgres();
    machine('replica').postgres({ replicaOf: db });
    const shared = volume('db');
    const apis = machines('api', 2).node('api.ts', {
      DATABASE_URL: db.url,
      OLD: other.url,
      MIX: `${db.host} and ${other.host} and ${shared.path} and ${lb.publicUrl}`,
      PROXY: lb.service('nginx').address,
    });
    lb.nginx('nginx.conf', { UPSTREAMS: apis.addresses });
    return { web: { us: lb, eu: lb }, api: lb };
  });
  const newDatabase: MachineDescription = {
    name: 'db-2',
    region: 'eu',
    services: [{ kind: 'postgres', name: 'postgres', user: 'grace', password: 'hop/per', database: 'navy' }],
  };
  const stub: MachineDescription = { name: 'stub', region: 'us', services: [{ kind: 'node', name: 'node', entry: 'stub.ts', env: {} }] };

  test('is known by all who knew the one before, in texts, lists and replicas', () => {
    const changed = substituteMachine(stack, 'db', newDatabase);
    const env = environments(changed, onDocker(changed));
    expect(env['api-2/node']).toEqual({
      DATABASE_URL: 'postgres://grace:hop%2Fper@db-2:5432/navy',
      OLD: 'postgres://graminsta:graminsta@db-old:5432/graminsta',
      MIX: 'db-2 and db-old and /volumes/db and http://localhost:8000',
      PROXY: 'lb:8080',
    });
    expect(linksOf(changed)).toContainEqual({ consumer: 'replica', provider: { machine: 'db-2', service: 'postgres' } });
    expect(JSON.stringify(changed)).not.toContain('⟦db/');
  });

  test('takes its entrances and its public address with it', () => {
    const changed = substituteMachine(stack, 'lb', { ...stub, name: 'lb-2' });
    expect(changed.entrances).toEqual({ web: { us: 'lb-2', eu: 'lb-2' }, api: 'lb-2' });
    expect(environments(changed, onDocker(changed))['api-1/node']?.['MIX']).toContain('http://localhost:8005');
  });

  test('may be of another kind: what was known of an nginx is known of the node in its place', () => {
    const changed = substituteMachine(stack, 'lb', stub);
    expect(environments(changed, onDocker(changed))['api-1/node']?.['PROXY']).toBe('stub:3000');
    expect(linksOf(changed)).toContainEqual({ consumer: 'api-1', provider: { machine: 'stub', service: 'node' } });
  });

  test('may keep the name', () => {
    const changed = substituteMachine(stack, 'db', { ...newDatabase, name: 'db' });
    expect(changed.machines.filter(({ name }) => name === 'db')).toEqual([{ ...newDatabase, name: 'db' }]);
    expect(environments(changed, onDocker(changed))['api-1/node']?.['DATABASE_URL']).toBe('postgres://grace:hop%2Fper@db:5432/navy');
  });

  test('leaves the stack that it was made from as it was', () => {
    const before = structuredClone(stack);
    substituteMachine(stack, 'db', newDatabase);
    addMachineLike(stack, 'api-1', 'api-3');
    expect(stack).toEqual(before);
  });

  test('has to be there', () => {
    expect(() => substituteMachine(stack, 'cache', newDatabase)).toThrow(new StackError('There is no machine "cache" to replace.'));
  });
});

describe('one more machine of a kind', () => {
  const stack = defineStack(({ machine }) => {
    const db = machine('db').postgres();
    const server = machine('server', { region: 'eu', size: 0.5 });
    const own = server.postgres({ database: 'own' });
    server.node('server.ts', { DATABASE_URL: db.url, OWN_URL: own.url, PUBLIC_URL: server.publicUrl });
    const lb = machine('lb');
    lb.node('lb.ts', { UPSTREAM: server.service('node').url });
    return { web: server };
  });
  const changed = addMachineLike(stack, 'server', 'server-2');

  test('knows the others as its model does, and itself where that knows itself', () => {
    const env = environments(changed, onDocker(changed));
    expect(env['server-2/node']).toEqual({
      DATABASE_URL: 'postgres://graminsta:graminsta@db:5432/graminsta',
      OWN_URL: 'postgres://graminsta:graminsta@server-2:5432/own',
      PUBLIC_URL: 'http://localhost:8003',
    });
    expect(env['server/node']).toEqual(environments(stack, onDocker(stack))['server/node']);
  });

  test('has wires of its own to those, and none to its model', () => {
    const consumers = linksOf(changed).map(({ consumer, provider }) => `${consumer} → ${provider.machine}`);
    expect(consumers.sort()).toEqual(['lb → server', 'server → db', 'server-2 → db']);
  });

  test('is alike in all else', () => {
    expect(changed.machines.at(-1)).toMatchObject({ name: 'server-2', region: 'eu', size: 0.5 });
  });

  test('needs a model', () => {
    expect(() => addMachineLike(stack, 'api', 'api-2')).toThrow(new StackError('There is no machine "api" to make another of.'));
  });
});

test('a machine can be of another size, and is the same in all else', () => {
  const stack = defineStack(({ machine }) => {
    const server = machine('server', { region: 'eu', size: 0.5 });
    server.node('server.ts');
    machine('db').postgres();
    return { web: server };
  });
  const before = structuredClone(stack);
  const [server, db] = before.machines;
  expect(resizeMachine(stack, 'server', 0.1)).toEqual({ ...before, machines: [{ ...server, size: 0.1 }, db] });
  expect(stack).toEqual(before);
  expect(() => resizeMachine(stack, 'api', 0.1)).toThrow(new StackError('There is no machine "api" to make larger or smaller.'));
});
