// The reference edge of step 5 beside nginx and Varnish, each with the configuration of the proof, on the same origin: what each does
// with what it has kept.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { repository } from '../src/run/repository.ts';
import { find } from '../src/runtime/programs.ts';
import { Arena, type Asking, type Running } from './arena/arena.ts';
import { measureRivals, rates } from './arena/rivals.ts';
import { note } from './measure.ts';

const step = path.join(repository, 'steps/05-cdn');
const sources = ['start/src', 'solution/src'].map((folder) => path.join(step, folder)).filter((folder) => existsSync(folder));
const alternatives = path.join(repository, 'checker/test/alternatives/05');

/** As many images as a few pages show, each as large as a small copy. */
const asking: Asking = { paths: Array.from({ length: 100 }, (_, image) => `/images/${image}.webp`) };
const imageBytes = 10_000;
const cacheBytes = 64 * 1024 ** 2;

export async function edges(): Promise<void> {
  const arena = await Arena.open();
  try {
    const origin = await arena.origin({ BODY_BYTES: String(imageBytes), CACHE_CONTROL: 'public, max-age=31536000, immutable' });
    const nginx = await find(['nginx', '/usr/sbin/nginx', '/opt/homebrew/bin/nginx']);
    const varnish = await find(['varnishd', '/usr/sbin/varnishd']);
    const rivals: { name: string; wanted: string; running: Running }[] = [];
    const reference = await arena.node(sources, 'edge.ts', { ORIGIN: `http://127.0.0.1:${origin.port}`, MACHINE_NAME: 'edge-us', CACHE_BYTES: String(cacheBytes) });
    if (nginx !== undefined) rivals.push({ name: 'nginx', wanted: 'at least 0.33', running: await nginxEdge(arena, origin) });
    if (varnish !== undefined) rivals.push({ name: 'Varnish', wanted: 'told', running: await varnishEdge(arena, varnish, origin) });
    await Promise.all([reference, ...rivals.map(({ running }) => running)].map(keepsWhatItGot));

    const [ours = [], ...theirs] = await measureRivals(arena, [reference, ...rivals.map(({ running }) => running)], asking);
    for (const [index, { name, wanted }] of rivals.entries()) {
      note(`the reference edge against ${name}: what it has kept, requests a second on one core`, wanted, rates(ours, theirs[index] ?? []));
    }
  } finally {
    await arena.close();
  }
}

function nginxEdge(arena: Arena, { port }: Running): Promise<Running> {
  return arena.nginx(path.join(alternatives, 'nginx-edge/edge.conf'), { ORIGIN: `127.0.0.1:${port}`, CACHE_BYTES: String(cacheBytes) });
}

function varnishEdge(arena: Arena, command: string, { port }: Running): Promise<Running> {
  const file = path.join(alternatives, 'varnish-edge/edge.vcl');
  const env = { ORIGIN_HOST: '127.0.0.1', ORIGIN_PORT: String(port) };
  return arena.program(command, file, env, ({ HOST, PORT, DATA_DIR }, config) => ['-F', '-j', 'none', '-a', `${HOST}:${PORT}`, '-f', config, '-s', `malloc,${cacheBytes}`, '-n', path.join(DATA_DIR ?? '', 'varnish')]);
}

/** Fills its cache. @throws Error when it asks the origin all the same: then something else would be measured */
async function keepsWhatItGot({ port }: Running): Promise<void> {
  for (const url of asking.paths) await (await fetch(`http://127.0.0.1:${port}${url}`)).arrayBuffer();
  const answer = await fetch(`http://127.0.0.1:${port}${asking.paths[0]}`);
  await answer.arrayBuffer();
  const isKept = /hit/i.test(answer.headers.get('x-cache') ?? '') || /^\d+ \d+$/.test(answer.headers.get('x-varnish') ?? '');
  if (!isKept) throw new Error(`What is on port ${port} keeps nothing: X-Cache is ${answer.headers.get('x-cache')}.`);
}
