// A copy of this workshop in a temporary folder, in which a test can be a learner: change files, run commands,
// press Ctrl-C, pull the plug. And a look at what a command left behind.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { until } from '../src/runtime/until.ts';
import { inRoot } from './all/paths.ts';
import { Family } from './family.ts';
import { layFiles } from '../src/run/overlay.ts';

export interface Result {
  stdout: string;
  stderr: string;
  /** Both, in the order in which they came. */
  output: string;
  /** Null when a signal ended it. */
  code: number | null;
  ms: number;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Through `npm run`, as learners do; otherwise the command itself, which is quicker. */
  npm?: boolean;
  /** In a terminal of 80 columns, whose keys `press` presses. */
  terminal?: boolean;
}

export class Workshop {
  readonly folder: string;
  /** The step that the tests work on. */
  readonly step: string;
  readonly #commands = new Set<RunningCommand>();

  constructor(step = 'steps/01-single-machine') {
    this.step = step;
    this.folder = mkdtempSync(path.join(tmpdir(), 'workshop-'));
    // Postgres runs as somebody else when we are root, and has to get to its programs.
    chmodSync(this.folder, 0o755);
    for (const part of ['checker/src', 'checker/bin', 'checker/package.json', 'checker/programs.txt', 'checker/fixtures', 'package.json', 'tsconfig.json']) {
      copy(inRoot(part), this.path(part));
    }
    this.#linkPackages();
    this.restore();
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  /** Takes a file away. */
  takeAway(file: string): void {
    rmSync(this.path(file));
  }

  write(file: string, text: string): void {
    writeFileSync(this.path(file), text);
  }

  /** Where the commands keep progress, hints and backups. */
  get home(): string {
    return this.path('home');
  }

  /** As it was fetched: start states, and nothing done yet. */
  restore(): void {
    for (const part of ['steps', 'home', '.graminsta']) rmSync(this.path(part), { recursive: true, force: true });
    mkdirSync(this.path('steps'));
    for (const name of readdirSync(inRoot('steps'))) {
      const packages = inRoot('steps', name, 'node_modules');
      copy(inRoot('steps', name), this.path('steps', name), (source) => source !== packages);
      if (existsSync(packages)) symlinkSync(packages, this.path('steps', name, 'node_modules'));
    }
  }

  /** Lays folders over the step, in order: `solution`, or one below checker/test, such as `bad-input/never-listens`. */
  lay(...overlays: string[]): this {
    for (const overlay of overlays) {
      layFiles(overlay === 'solution' ? this.path(this.step, 'solution') : inRoot('checker/test', overlay), this.path(this.step));
    }
    return this;
  }

  /** Starts a command, without a terminal: `start('check', '01')`. */
  start(args: readonly string[], { env = {}, npm = false, terminal = false }: RunOptions = {}): RunningCommand {
    const plain = npm ? ['npm', 'run', '--silent', ...args] : [process.execPath, this.path('checker/bin/graminsta.mjs'), ...args];
    const command = terminal ? inTerminal(plain) : plain;
    const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|GRAMINSTA_|FORCE_COLOR|NO_COLOR)/.test(name));
    const child = spawn(command[0]!, command.slice(1), {
      cwd: this.folder,
      // Tests run several commands at once, and each would take the others for what keeps this computer busy.
      env: { ...Object.fromEntries(inherited), GRAMINSTA_HOME: this.home, GRAMINSTA_TOGETHER: '1', ...env },
      // A group of its own, as in a terminal: Ctrl-C reaches all of it.
      detached: true,
      stdio: [terminal ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    const running = new RunningCommand(child);
    this.#commands.add(running);
    void running.ended.then(() => this.#commands.delete(running));
    return running;
  }

  /** Runs a command to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Result> {
    return this.start(args, options).ended;
  }

  /** Ends what a test that failed left running. */
  async quiet(): Promise<void> {
    for (const command of this.#commands) command.kill();
    await Promise.all([...this.#commands].map(({ ended }) => ended));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The packages of this repository, but a cache of its own: what is compiled for the copy goes with it. */
  #linkPackages(): void {
    const cache = 'node_modules/.cache/graminsta';
    mkdirSync(this.path(cache), { recursive: true });
    for (const name of readdirSync(inRoot('node_modules'))) {
      if (name !== '.cache') symlinkSync(inRoot('node_modules', name), this.path('node_modules', name));
    }
    // Copied and not linked: a server that is started on a link to the template works on the template itself.
    const templates = existsSync(inRoot(cache)) ? readdirSync(inRoot(cache)).filter((name) => /^template-\w+$/.test(name)) : [];
    for (const name of templates) execFileSync('cp', ['-a', inRoot(cache, name), this.path(cache, name)]);
  }
}

/** A command that runs, with everything that it started. */
export class RunningCommand {
  readonly ended: Promise<Result>;
  readonly family: Family;
  output = '';
  readonly #child: ChildProcess;
  #isOver = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.family = new Family(child.pid!);
    const startedAt = performance.now();
    const parts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        parts[name] += text;
        this.output += text;
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('exit', (code) => {
        this.#isOver = true;
        this.family.stopWatching();
        const result = (): void => resolve({ ...parts, output: this.output, code, ms: performance.now() - startedAt });
        // Whatever lives on may hold the pipes open; what was said before the end arrives in a moment.
        const patience = setTimeout(result, 500);
        child.once('close', () => {
          clearTimeout(patience);
          result();
        });
      });
    });
  }

  /** Waits until the output contains this. @throws Error when the command ends first, with its output. */
  async says(text: string | RegExp, timeoutMs = 30_000): Promise<void> {
    const isSaid = (): boolean => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output));
    await until(
      `the command to say ${String(text)}; it said:\n${this.output}`,
      () => {
        if (isSaid()) return true;
        if (this.#isOver) throw new Error(`The command ended without saying ${String(text)}:\n${this.output}`);
        return false;
      },
      { timeoutMs },
    );
  }

  /** Waits until the process that judges is there. */
  async judge(): Promise<number> {
    return until('the judging process to start', () => this.family.judge(), { timeoutMs: 20_000 });
  }

  /** In a terminal. */
  press(key: string): void {
    this.family.look();
    this.#child.stdin?.write(key);
  }

  /** Ctrl-C: to all that the terminal runs. */
  interrupt(): void {
    this.family.look();
    process.kill(-this.#child.pid!, 'SIGINT');
  }

  /** Sends a signal; to a command that has ended by itself it comes too late, as it may for people. */
  signal(name: NodeJS.Signals): void {
    this.family.look();
    if (!this.#isOver) this.#child.kill(name);
  }

  /** Pulls the plug of the command, or of one of its processes. */
  kill(pid = this.#child.pid!): void {
    // Stopped first, so that it starts nothing between our look and its end.
    this.family.stop();
    process.kill(pid, 'SIGKILL');
    this.family.goOn();
  }

  /** What it left behind and is still there after this time; nothing as soon as there is nothing. */
  async leftBehind(withinMs: number): Promise<string[]> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const left = this.family.remains();
      if (left.length === 0 || performance.now() > deadline) return left;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** By `script`, which every Linux and macOS has: it gives a command a terminal and its own input as the keys. */
function inTerminal(command: readonly string[]): string[] {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const line = `stty cols 80 rows 50 && exec ${words}`;
  return process.platform === 'darwin' ? ['script', '-q', '/dev/null', 'sh', '-c', line] : ['script', '-qfec', line, '/dev/null'];
}

function copy(from: string, to: string, filter: (source: string) => boolean = () => true): void {
  // With its times, by which the commands know that they compiled it already.
  cpSync(from, to, { recursive: true, preserveTimestamps: true, filter });
}

/** Lends a workshop with these overlays on its step. */
export type Lend = (overlays: readonly string[], use: (workshop: Workshop) => Promise<void>) => Promise<void>;

/** Lends as many workshops at once as this; they are made when they are needed, and used again. */
export function workshops(atOnce: number, step?: string): Lend {
  const idle: (Workshop | undefined)[] = Array.from({ length: atOnce });
  afterAll(() => idle.forEach((workshop) => workshop?.remove()));
  const waiting: (() => void)[] = [];
  return async (overlays, use) => {
    while (idle.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    const known = idle.pop();
    known?.restore();
    const workshop = known ?? new Workshop(step);
    try {
      await use(workshop.lay(...overlays));
    } finally {
      await workshop.quiet();
      idle.push(workshop);
      waiting.shift()?.();
    }
  };
}

/** Text with what differs from run to run or computer to computer told alike. */
export function masked(text: string): string {
  return text
    .replaceAll(/ {2,}\d+\.\d s$/gm, '  <time>')
    .replaceAll(/\b\d+(\.\d+)? (ms|s)\b/g, '<time>')
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>')
    // Who came when is up to the computer.
    .replaceAll(/\d+( photos that stayed,) \d+ never came and \d+ came/g, '<some>$1 <some> never came and <some> came')
    .replaceAll(/→ \d+ likes?$/gm, '→ <some> likes')
    .replaceAll(/has the id \d+/g, 'has the id <id>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replaceAll(/\/api\/photos\/\d+/g, '/api/photos/<id>');
}
