// The reference balancer of step 4 as a real process.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Ports, until } from '../../../src/runtime/index.ts';
import { transpile } from '../../../src/runtime/transpile.ts';
import { root } from '../../all/paths.ts';
import { temporaryFolder } from '../temporary.ts';
import type { Stub } from './stub.ts';

export const patience = { timeoutMs: 8_000 };

let program = '';
let ports: Ports;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  ports = await Ports.claim();
  const folder = temporaryFolder({ 'package.json': '{ "type": "module" }' });
  for (const name of ['balancer.ts', 'headers.ts', 'upstreams.ts']) cpSync(path.join(root, 'steps/04-load-balancer/solution/src', name), path.join(folder, name));
  program = await transpile(folder, 'balancer.ts');
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await ports.release();
});

export interface Balancer {
  port: number;
  url: string;
  child: ChildProcess;
  /** What it printed so far. */
  log: () => string;
}

/** A port on which nobody listens yet. */
export const freePort = (): Promise<number> => ports.take();

/** Fulfilled when it listens: by then each upstream was asked once. */
export async function startBalancer(upstreams: readonly (Stub | number)[], ownPort?: number): Promise<Balancer> {
  const port = ownPort ?? (await freePort());
  const urls = upstreams.map((upstream) => `http://127.0.0.1:${typeof upstream === 'number' ? upstream : upstream.port}`);
  const env = { HOST: '127.0.0.1', PORT: String(port), MACHINE_NAME: 'lb', UPSTREAMS: urls.join(',') };
  const child = spawn(process.execPath, ['--enable-source-maps', program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (log += bytes.toString()));
  const url = `http://127.0.0.1:${port}`;
  await until('the balancer to listen', () => {
    if (child.exitCode !== null) throw new Error(`The balancer ended: ${log}`);
    return fetch(`${url}/listening`, { method: 'OPTIONS', headers: { connection: 'close' } }).then((answer) => answer.arrayBuffer(), () => undefined);
  }, patience);
  return { port, url, child, log: () => log };
}

/** Its exit code, after this signal or whatever else has happened to it. */
export async function exitOf({ child }: Balancer, signal?: NodeJS.Signals): Promise<number | null> {
  if (signal) child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
