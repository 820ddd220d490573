// The machines of Graminsta as each step leaves them, for the pictures.

export interface PictureMachine {
  name: string;
  /** What runs or lies on it, a line each. */
  hosts: string[];
  /** Drawn as a stack: three machines of one kind. */
  count?: number;
}

export interface Scene {
  people: string;
  /** From the people downwards. */
  rows: PictureMachine[][];
  /** Who talks to whom, by name; `people` are the people. */
  wires: [from: string, to: string][];
}

const db: PictureMachine = { name: 'db', hosts: ['Postgres'] };
const apis: PictureMachine = { name: 'api', hosts: ['api-1 to api-3'], count: 3 };
const edges: PictureMachine = { name: 'edge', hosts: ['us, eu, ap'], count: 3 };

/** By step; 0 is what step 1 begins with. */
export const scenes: Scene[] = [
  {
    people: '1 user',
    rows: [[{ name: 'server', hosts: ['sign-up, log-in', 'no photos yet'] }]],
    wires: [['people', 'server']],
  },
  {
    people: '1 user',
    rows: [[{ name: 'server', hosts: ['page and API', 'pictures', 'Postgres'] }]],
    wires: [['people', 'server']],
  },
  {
    people: '10 users',
    rows: [[{ name: 'server', hosts: ['page and API', 'pictures'] }], [db]],
    wires: [
      ['people', 'server'],
      ['server', 'db'],
    ],
  },
  {
    people: '100 users',
    rows: [
      [
        { name: 'client', hosts: ['page'] },
        { name: 'api', hosts: ['JSON only', 'pictures'] },
      ],
      [db],
    ],
    wires: [
      ['people', 'client'],
      ['people', 'api'],
      ['api', 'db'],
    ],
  },
  {
    people: '1,000 users',
    rows: [
      [
        { name: 'client', hosts: ['page'] },
        { name: 'lb', hosts: ['balancer'] },
      ],
      [apis],
      [{ name: 'db', hosts: ['Postgres', 'pictures'] }],
    ],
    wires: [
      ['people', 'client'],
      ['people', 'lb'],
      ['lb', 'api'],
      ['api', 'db'],
    ],
  },
  {
    people: '10,000 users',
    rows: [
      [edges, { name: 'lb', hosts: ['balancer'] }],
      [{ name: 'storage', hosts: ['pictures, page'] }, apis],
      [db],
    ],
    wires: [
      ['people', 'edge'],
      ['people', 'lb'],
      ['edge', 'storage'],
      ['lb', 'api'],
      ['api', 'db'],
    ],
  },
  {
    people: '100,000 users',
    rows: [
      [edges, { name: 'lb', hosts: ['balancer'] }],
      [{ name: 'storage', hosts: ['pictures, page'] }, apis],
      [{ name: 'cache', hosts: ['Redis'] }, db, { name: 'replica', hosts: ['Postgres, read'] }],
    ],
    wires: [
      ['people', 'edge'],
      ['people', 'lb'],
      ['edge', 'storage'],
      ['lb', 'api'],
      ['api', 'cache'],
      ['api', 'db'],
      ['api', 'replica'],
      ['db', 'replica'],
    ],
  },
];

export function sceneOf(step: number): Scene {
  const scene = scenes[step];
  if (!scene) throw new Error(`There is no picture of the machines of step ${step}.`);
  return scene;
}

export function namesOf(scene: Scene): string[] {
  return scene.rows.flat().map(({ name }) => name);
}

/** The names of machines that one picture has and the one before has not, or not as many of. */
export function newIn(scene: Scene, before: Scene): string[] {
  const known = new Map(before.rows.flat().map(({ name, count }) => [name, count ?? 1]));
  return scene.rows.flat().filter(({ name, count = 1 }) => known.get(name) !== count).map(({ name }) => name);
}

/** The picture in words. */
export function describe(scene: Scene): string {
  const machines = scene.rows.flat().map(({ name, hosts, count }) => {
    const who = count ? `${count} machines named ${name}` : `machine ${name}`;
    return `${who} (${hosts.join(', ')})`;
  });
  const wires = scene.wires.map(([from, to]) => `${from === 'people' ? scene.people : from} to ${to}`);
  return `${machines.join('; ')}. Connections: ${wires.join(', ')}.`;
}
