// Docker on this computer: whether it is there and will do, and how it is asked. Everything that is in the way is an
// EngineProblem, one sentence with the way out.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hostname, release } from 'node:os';
import path from 'node:path';
import { EngineProblem, explain, oldest, problems } from './engine-problems.ts';

export { EngineProblem, explain };
export { images } from './images.ts';

export interface Engine {
  /** `28.5.2` */
  version: string;
  /** Of Compose: `2.40.3`. */
  compose: string;
  /** Whether its kernel is ours: /proc shows the processes in containers, and the network of the host is this one. */
  isLocal: boolean;
  /** Whether it runs without root: what it calls the host's network is one of its own then. */
  isRootless: boolean;
}

let engine: Promise<Engine> | undefined;

/**
 * Docker as it is here, looked at once in each process.
 * @throws EngineProblem when there is none that will do
 */
export function requireEngine(): Promise<Engine> {
  engine ??= lookAtEngine();
  return engine;
}

/** Undefined where Docker does not answer, or will not do. */
export function findEngine(): Promise<Engine | undefined> {
  return requireEngine().catch((error: unknown) => {
    if (error instanceof EngineProblem) return undefined;
    throw error;
  });
}

/** What is read of `docker info`. Of an engine that does not answer, the client's part is there all the same. */
interface Info {
  ServerVersion?: string;
  KernelVersion?: string;
  OperatingSystem?: string;
  OSType?: string;
  /** The engine's name for its computer. */
  Name?: string;
  SecurityOptions?: string[] | null;
  ServerErrors?: string[] | null;
  ClientInfo?: { Plugins?: { Name: string; Version?: string }[] | null };
}

export interface LookOptions {
  /** Where PATH and DOCKER_HOST are taken from. */
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  /** Whether we are in a container ourselves. */
  inContainer?: boolean;
}

/** Looks at Docker anew, as the doctor does. @throws EngineProblem */
export async function lookAtEngine({ env = process.env, timeoutMs = 15_000, inContainer = isContainer() }: LookOptions = {}): Promise<Engine> {
  refuseElsewhere(env['DOCKER_HOST'] ?? '');
  const [{ stdout, stderr }, context] = await Promise.all([
    run(['info', '--format', '{{json .}}'], { env, timeoutMs }),
    run(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], { env, timeoutMs }),
  ]);
  refuseElsewhere(context.stdout.trim());
  if (/podman/i.test(stdout + stderr)) throw problems.notDocker();
  const info = parsed(stdout);
  const errors = [stderr, ...(info.ServerErrors ?? [])].join('\n');
  if (!info.ServerVersion) throw explain(errors) ?? problems.notRunning();
  return judge(info, env, inContainer);
}

function judge(info: Info, env: NodeJS.ProcessEnv, inContainer: boolean): Engine {
  const version = numbersOf(info.ServerVersion ?? '');
  if (isOlder(version, oldest.engine)) throw problems.engineTooOld(version);
  if (info.OSType === 'windows') throw problems.windowsContainers();
  const plugin = info.ClientInfo?.Plugins?.find(({ Name: name }) => name === 'compose');
  if (!plugin) throw problems.noCompose(isOnPath('docker-compose', env));
  const compose = numbersOf(plugin.Version ?? '');
  if (isOlder(compose, oldest.compose)) throw problems.composeTooOld(compose);
  const isDesktop = /docker desktop/i.test(info.OperatingSystem ?? '');
  // A container that was handed the socket of the computer around it: paths mean something else to that engine.
  if (inContainer && !isDesktop && info.Name !== hostname()) throw problems.elsewhere('outside of the container that this is');
  const isRootless = info.SecurityOptions?.some((option) => option.includes('name=rootless')) ?? false;
  return { version, compose, isRootless, isLocal: process.platform === 'linux' && !isDesktop && !isRootless && info.KernelVersion === release() };
}

function isContainer(): boolean {
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv');
}

/** @throws EngineProblem when the address is that of another computer */
function refuseElsewhere(address: string): void {
  const [, scheme, host = ''] = /^(ssh|tcp|https?):\/\/(.*)$/.exec(address) ?? [];
  const isHere = /^(?:localhost|127\.[\d.]+|\[::1\])(?:[:/]|$)/.test(host);
  if (scheme === 'ssh' || (scheme !== undefined && !isHere)) throw problems.elsewhere(`at ${address}`);
}

function parsed(stdout: string): Info {
  try {
    return JSON.parse(stdout) as Info;
  } catch {
    return {};
  }
}

/** `28.5.2` of `28.5.2+dfsg4`, `v28.5.2` or `28.5.2-desktop.1`. */
function numbersOf(version: string): string {
  return /\d+(?:\.\d+)*/.exec(version)?.[0] ?? version;
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(path.delimiter).some((folder) => path.isAbsolute(folder) && existsSync(path.join(folder, name)));
}

/**
 * Runs `docker` with these arguments and returns what it printed.
 * @throws EngineProblem when what it says is known; else Error with its last words
 */
export async function docker(args: string[], { timeoutMs = 60_000 }: { timeoutMs?: number } = {}): Promise<string> {
  const { stdout, stderr, code } = await run(args, { env: process.env, timeoutMs });
  if (code === 0) return stdout;
  throw explain(stderr) ?? new Error(`docker ${args.join(' ')} failed with ${code}:\n${stderr.trim().split('\n').slice(-20).join('\n')}`);
}

/**
 * Fetches those of the images that are not here yet, one after the other.
 * @throws EngineProblem which names the image
 */
export async function requireImages(names: readonly string[], onFetch: (name: string) => void = () => undefined): Promise<void> {
  const present = new Set((await docker(['images', '--format', '{{.Repository}}:{{.Tag}}'])).split('\n'));
  for (const name of new Set(names)) {
    if (present.has(name)) continue;
    onFetch(name);
    const { code, stderr } = await run(['pull', '--quiet', name], { env: process.env, timeoutMs: 10 * 60_000 });
    if (code === 0) continue;
    const problem = explain(stderr);
    if (problem && problem.kind !== 'no image') throw problem;
    throw problems.noImage(name, problem ? (/: (.+)\.$/.exec(problem.message)?.[1] ?? '') : (stderr.trim().split('\n').at(-1) ?? 'nobody knows why'));
  }
}

interface Ended {
  stdout: string;
  stderr: string;
  code: number;
}

/** @throws EngineProblem when there is no such program, or it takes too long */
function run(args: string[], { env, timeoutMs }: { env: NodeJS.ProcessEnv; timeoutMs: number }): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile('docker', args, { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) resolve({ stdout, stderr, code: 0 });
      else if (error.code === 'ENOENT' || error.code === 'EACCES') reject(problems.notInstalled());
      else if (error.killed) reject(problems.noAnswer(`"docker ${args[0]}"`, timeoutMs / 1000));
      else resolve({ stdout, stderr, code: typeof error.code === 'number' ? error.code : 1 });
    });
  });
}

// ── What killed runs left behind ───────────────────────────────────────────

const runLabel = 'graminsta.run';
const hostLabel = 'graminsta.host';

/**
 * What everything carries that a run makes with Docker.
 * @param run `4711-c0ffee`: the command's process, and something random
 */
export function runLabels(run: string): Record<string, string> {
  // Several computers of one computer (WSL2's, containers') may share an engine, and each has processes of its own.
  return { [runLabel]: run, [hostLabel]: hostname() };
}

export interface Swept {
  containers: number;
  networks: number;
  volumes: number;
}

/** Removes containers, networks and volumes of runs whose command is gone. @throws EngineProblem */
export async function sweepLeftovers(): Promise<Swept> {
  const list = (...args: string[]): Promise<string[]> => leftovers([...args, '--filter', `label=${runLabel}`, '--format', `{{.ID}}\t{{.Label "${runLabel}"}}\t{{.Label "${hostLabel}"}}`]);
  const [containers, networks] = await Promise.all([list('ps', '--all'), list('network', 'ls')]);
  const volumes = await leftovers(['volume', 'ls', '--filter', `label=${runLabel}`, '--format', `{{.Name}}\t{{.Label "${runLabel}"}}\t{{.Label "${hostLabel}"}}`]);
  // In this order: a network or a volume that a container uses cannot go.
  return {
    containers: await removeEach(['rm', '--force', '--volumes'], containers),
    networks: await removeEach(['network', 'rm'], networks),
    volumes: await removeEach(['volume', 'rm', '--force'], volumes),
  };
}

async function leftovers(list: string[]): Promise<string[]> {
  const rows = (await docker(list)).split('\n').filter(Boolean).map((line) => line.split('\t'));
  return rows.filter(([, run = '', host]) => !isAlive(Number(run.split('-')[0])) && (!host || host === hostname())).map(([id = '']) => id);
}

/** One that somebody else removes meanwhile, such as a reaper, is no mistake. */
async function removeEach(command: string[], ids: readonly string[]): Promise<number> {
  const removals = await Promise.all(ids.map((id) => run([...command, id], { env: process.env, timeoutMs: 60_000 })));
  return removals.filter(({ code }) => code === 0).length;
}

function isAlive(pid: number): boolean {
  // A label that is no run's of ours says nothing about a process.
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
