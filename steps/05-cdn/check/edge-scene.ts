// What 5.3 and 5.5 have in common: edges that run alone, with a stand-in behind them, and what is required of their answers.

import { clip, requireStatus, requireThat, sentences, until, type Answer, type App, type Scene } from 'checker/check';
import { edgeOf, Person, type Region } from './person.ts';
import type { StubOrigin } from './stub-origin.ts';

/** Two people in front of an edge, and the origin behind it. */
export interface EdgeScene {
  app: App;
  edge: string;
  origin: StubOrigin;
  ada: Person;
  bob: Person;
}

export interface Told {
  did: string;
  why: string;
  machine: string;
}

/** Starts the edges with a stand-in in the place of storage; everything else stays off, because an edge asks nobody else. */
export async function startEdges({ start, description }: Pick<Scene, 'start' | 'description'>, origin: StubOrigin, variables: Record<string, string> = {}): Promise<App> {
  const needed = ['storage', ...Object.values(edgeOf)];
  const off = description.machines.map(({ name }) => name).filter((name) => !needed.includes(name));
  const app = await start({ standIns: { storage: origin.standIn }, off, variables });
  origin.gives('/first', { headers: { 'cache-control': 'no-store' }, body: 'first' });
  await Promise.all((['us', 'eu', 'ap'] as const).map((region) => passesSomethingOn(app, region)));
  return app;
}

async function passesSomethingOn(app: App, region: Region): Promise<void> {
  const somebody = new Person(app, 'Somebody', region);
  let answer: Answer | undefined;
  const comes = async (): Promise<boolean> => (answer = await somebody.asks('/first')).status === 200;
  await until('something to come through the edge', comes, { timeoutMs: 5_000, everyMs: 20 }).catch(() => undefined);
  const told = { did: `Somebody asked ${edgeOf[region]} for what storage has`, why: 'An edge that passes nothing on is worse than none.' };
  if (answer) requireStatus(answer, 200, told);
}

export function sceneAt(app: App, origin: StubOrigin, region: Region): EdgeScene {
  return { app, edge: edgeOf[region], origin, ada: new Person(app, 'Ada', region), bob: new Person(app, 'Bob', region) };
}

/** @throws Failure unless the answer is 200 with exactly this. */
export function requireWhole(answer: Answer, expected: Buffer | string, { did, why, machine, also }: Told & { also?: string }): void {
  requireStatus(answer, 200, { did, why, also });
  const bytes = Buffer.from(expected);
  requireThat(answer.body.equals(bytes), {
    did,
    saw: sentences(`${answer.call} → 200 with ${inWords(answer.body)}`, also),
    expected: `status 200 with ${inWords(bytes)}, as the origin has it`,
    why,
    machine,
  });
}

/** Asks twice, and requires that both get it whole and that the second did not reach the origin. */
export async function requireKept({ origin, edge, ada, bob }: EdgeScene, path: string, expected: Buffer | string, why: string): Promise<{ first: Answer; second: Answer }> {
  const first = await ada.asks(path);
  requireWhole(first, expected, { did: `Ada asked ${edge} for ${path}`, why, machine: edge });
  const before = origin.askedFor(path).length;
  const second = await bob.asks(path);
  const did = `Ada and then Bob asked ${edge} for ${path}`;
  requireWhole(second, expected, { did, why, machine: edge });
  const more = origin.askedFor(path).length - before;
  requireThat(more === 0, {
    did: `${did}, which storage sends with cache-control: ${first.headers['cache-control'] ?? 'nothing'}`,
    saw: 'both requests reached the origin',
    expected: 'Bob gets what the edge kept when Ada asked',
    why,
    machine: edge,
  });
  return { first, second };
}

/** A short text as it is, anything else by its length. */
export function inWords(body: Buffer): string {
  if (body.length === 0) return 'nothing';
  const text = body.length <= 80 ? body.toString('utf8') : '';
  return Buffer.from(text).equals(body) ? `"${clip(text)}"` : `${body.length} bytes`;
}
