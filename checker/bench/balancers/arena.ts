// Where balancers are measured: programs that run side by side on ports of their own, and a crowd that asks one of them.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ports } from '../../src/runtime/index.ts';
import { requireProgram } from '../../src/runtime/programs.ts';
import { renderTemplate } from '../../src/runtime/services/template.ts';
import { transpile } from '../../src/runtime/transpile.ts';
import { until } from '../../src/runtime/until.ts';
import { repository } from '../../src/run/repository.ts';

const reference = path.join(repository, 'steps/04-load-balancer/solution/src');
const nginxFile = path.join(repository, 'checker/test/alternatives/04/nginx-balancer/nginx.conf');

export interface Running {
  port: number;
  child: ChildProcess;
}

/** What load.ts prints. */
export interface Crowd {
  done: number;
  /** Those after the warm-up. */
  counted: number;
  failed: number;
  p50Ms: number;
  p99Ms: number;
}

export class Arena {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'graminsta-balancers-'));
  readonly #ports: Ports;
  readonly #children: ChildProcess[] = [];

  private constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Compiles everything first, as a machine does. */
  static async open(): Promise<Arena> {
    const arena = new Arena(await Ports.claim());
    const folder = arena.#folder;
    for (const name of ['upstream.ts', 'http-proxy.ts', 'load.ts']) cpSync(fileURLToPath(new URL(name, import.meta.url)), path.join(folder, name));
    for (const name of ['balancer.ts', 'headers.ts', 'upstreams.ts']) cpSync(path.join(reference, name), path.join(folder, name));
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
    for (const name of ['upstream.ts', 'http-proxy.ts', 'load.ts', 'balancer.ts']) await transpile(folder, name);
    return arena;
  }

  /** One of the programs, by its file's name. Fulfilled when it answers. */
  async node(name: string, env: Record<string, string> = {}): Promise<Running> {
    return this.#start(process.execPath, ['--enable-source-maps', path.join(this.#folder, `${name}.js`)], { ...env, PORT: String(await this.#ports.take()) });
  }

  /** nginx as one process, with the configuration that stands in the docs. */
  async nginx(servers: string): Promise<Running> {
    const folder = this.#folder;
    const env = { HOST: '127.0.0.1', PORT: String(await this.#ports.take()), SERVERS: servers };
    const template = path.join(folder, 'nginx.conf');
    cpSync(nginxFile, template);
    await renderTemplate(template, env);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
    const main = path.join(folder, 'nginx-main.conf');
    writeFileSync(main, `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr warn; events { worker_connections 1024; } http { ${temporary} access_log off; include ${template}; }`);
    return this.#start(await requireProgram('nginx', 'lb'), ['-c', main, '-p', folder, '-e', 'stderr'], env);
  }

  /** @param rate requests a second; without it, as many as go. */
  async crowd(port: number, connections: number, seconds: number, rate = 0): Promise<Crowd> {
    const program = spawn(process.execPath, [path.join(this.#folder, 'load.js'), ...[port, connections, seconds, rate].map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(program);
    let output = '';
    program.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
    await once(program, 'close');
    return JSON.parse(output) as Crowd;
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.#ports.release();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(command: string, args: string[], env: { PORT: string } & Record<string, string>): Promise<Running> {
    const child = spawn(command, args, { cwd: this.#folder, env: { HOST: '127.0.0.1', ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
    this.#children.push(child);
    const isReady = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${env.PORT}/readyz`).catch(() => undefined))?.status === 200;
    await until(`${path.basename(args.at(-1) ?? command)} to answer`, isReady, { timeoutMs: 10_000 });
    return { port: Number(env.PORT), child };
  }
}

const ticksPerSecond = existsSync('/proc/self/stat') ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : NaN;

/** Processor time that a process has used so far, in user and kernel mode. See proc(5). Linux only; elsewhere NaN. */
export function processorSeconds({ child }: Running): number {
  if (Number.isNaN(ticksPerSecond)) return NaN;
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
