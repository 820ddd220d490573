// Where programs are measured beside each other: each on a port of its own, and a crowd that asks one of them.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { layFiles } from '../../src/run/overlay.ts';
import { repository } from '../../src/run/repository.ts';
import { Ports } from '../../src/runtime/index.ts';
import { locate } from '../../src/runtime/programs.ts';
import { signal, withDescendants } from '../../src/runtime/process-tree.ts';
import { renderTemplate } from '../../src/runtime/services/template.ts';
import { transpile } from '../../src/runtime/transpile.ts';
import { until } from '../../src/runtime/until.ts';

export interface Running {
  port: number;
  child: ChildProcess;
}

/** What a crowd asks for, in turn. */
export interface Asking {
  paths: string[];
  headers?: Record<string, string>;
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

const own = fileURLToPath(new URL('.', import.meta.url));

export class Arena {
  readonly #folder: string;
  readonly #ports: Ports;
  readonly #children: ChildProcess[] = [];
  readonly #load: string;
  #programs = 0;

  private constructor(ports: Ports, folder: string, load: string) {
    this.#ports = ports;
    this.#folder = folder;
    this.#load = load;
  }

  static async open(): Promise<Arena> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'graminsta-arena-'));
    symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    for (const name of ['load.ts', 'origin.ts']) cpSync(path.join(own, name), path.join(folder, name));
    return new Arena(await Ports.claim(), folder, await transpile(folder, 'load.ts'));
  }

  /** What programs get their answers from, which costs as little as it can. @param env as origin.ts says */
  async origin(env: Record<string, string> = {}): Promise<Running> {
    return this.#node(await transpile(this.#folder, 'origin.ts'), env);
  }

  /** A program for Node.js. @param folders are laid over each other, such as a step's start and its solution */
  async node(folders: readonly string[], entry: string, env: Record<string, string>): Promise<Running> {
    const folder = this.#own();
    for (const one of folders) layFiles(one, folder);
    // Compiled before it is started, as on a machine.
    return this.#node(await transpile(folder, entry), env);
  }

  /** nginx with one worker, and with a configuration that stands inside of http { … }. */
  async nginx(file: string, env: Record<string, string>): Promise<Running> {
    const folder = this.#own();
    const template = path.join(folder, 'nginx.conf');
    cpSync(file, template);
    const variables = { ...(await this.#variables(folder)), ...env };
    await renderTemplate(template, variables);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
    const main = path.join(folder, 'main.conf');
    // As root a worker would become somebody else, who may not write here.
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    writeFileSync(main, `daemon off; worker_processes 1; ${user} pid ${folder}/pid; error_log stderr warn; events { worker_connections 1024; } http { ${temporary} access_log off; include ${template}; }`);
    return this.#start(await locate('nginx', 'The bench runs nginx'), ['-c', main, '-p', folder, '-e', 'stderr'], variables);
  }

  /** Any program with a configuration file. @param args of the command, from its variables and where that file is */
  async program(command: string, file: string, env: Record<string, string>, args: (variables: Record<string, string>, config: string) => string[]): Promise<Running> {
    const folder = this.#own();
    const config = path.join(folder, path.basename(file));
    cpSync(file, config);
    const variables = { ...(await this.#variables(folder)), ...env };
    await renderTemplate(config, variables);
    return this.#start(command, args(variables, config), variables);
  }

  /** @param rate requests a second; without it, as many as go. */
  async crowd(port: number, asking: Asking, connections: number, seconds: number, rate = 0): Promise<Crowd> {
    const options = JSON.stringify({ port, ...asking, connections, seconds, rate });
    const program = spawn(process.execPath, [this.#load, options], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(program);
    let output = '';
    program.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
    await once(program, 'close');
    return JSON.parse(output) as Crowd;
  }

  async close(): Promise<void> {
    const running = this.#children.flatMap(({ pid, exitCode, signalCode }) => (pid !== undefined && exitCode === null && signalCode === null ? [pid] : []));
    for (const pid of withDescendants(running)) signal(pid, 'SIGKILL');
    await this.#ports.release();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #node(file: string, env: Record<string, string>): Promise<Running> {
    return this.#start(process.execPath, ['--enable-source-maps', file], { ...(await this.#variables(path.dirname(file))), ...env });
  }

  #own(): string {
    this.#programs += 1;
    const folder = path.join(this.#folder, String(this.#programs));
    mkdirSync(folder);
    return folder;
  }

  /** What a machine would tell a program. */
  async #variables(folder: string): Promise<{ HOST: string; PORT: string; DATA_DIR: string }> {
    return { HOST: '127.0.0.1', PORT: String(await this.#ports.take()), DATA_DIR: folder };
  }

  async #start(command: string, args: string[], env: { PORT: string } & Record<string, string>): Promise<Running> {
    const child = spawn(command, args, { cwd: this.#folder, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#children.push(child);
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-2_000)));
    const isReady = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${env.PORT}/readyz`).catch(() => undefined))?.status === 200;
    await until(`${path.basename(command)} to answer`, isReady, { timeoutMs: 10_000 }).catch((error: Error) => {
      throw new Error(`${error.message}\n${said}`);
    });
    return { port: Number(env.PORT), child };
  }
}
